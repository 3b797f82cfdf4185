package report

import (
	"embed"
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"strukturbild/internal/plan"
)

// The fonts go with the program, and the letters that are used with each file.
//
//go:embed fonts/*.ttf
var fonts embed.FS

// A4 and its margins, in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 20.0
	topMargin  = 22.0
	lowMargin  = 24.0
	textWidth  = pageWidth - 2*margin
)

// colour is red, green, blue.
type colour [3]int

var (
	ink       = colour{34, 40, 49}
	quiet     = colour{105, 115, 125}
	hairline  = colour{214, 219, 224}
	tint      = colour{243, 246, 248}
	accent    = colour{20, 72, 92}
	strong    = colour{178, 24, 43}
	medium    = colour{232, 130, 30}
	weak      = colour{245, 205, 75}
	severity  = map[int]colour{3: strong, 2: medium, 1: weak}
	becomings = map[plan.Became]colour{plan.ConflictNew: strong, plan.ConflictGrown: medium, plan.ConflictRevalued: {118, 80, 160},
		plan.ConflictShrunk: {90, 155, 205}, plan.ConflictGone: {60, 140, 80}}
)

// press is the report while it is being set.
type press struct {
	*fpdf.Fpdf
	report  *plan.Report
	content *plan.ReportContent
	pages   int // of the whole report; 0 while that is not known
}

// newPrint sets the report twice: the first time to count the pages.
func newPrint(r *plan.Report, c *plan.ReportContent) (*press, error) {
	first, err := set(r, c, 0)
	if err != nil {
		return nil, err
	}
	return set(r, c, first.PageCount())
}

func set(r *plan.Report, c *plan.ReportContent, pages int) (*press, error) {
	p := &press{fpdf.New("P", "mm", "A4", ""), r, c, pages}
	for style, name := range map[string]string{"": "Regular", "B": "Semibold", "I": "Italic"} {
		font, err := fonts.ReadFile("fonts/OpenSans-" + name + ".ttf")
		if err != nil {
			return nil, err
		}
		p.AddUTF8FontFromBytes("text", style, font)
	}
	p.describe()
	p.SetMargins(margin, topMargin, margin)
	p.SetAutoPageBreak(true, lowMargin)
	p.SetCellMargin(0)
	p.SetHeaderFunc(p.header)
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.sections()
	return p, p.Error()
}

// describe writes what the file says of itself. Its dates are the report's, so that the same report is the same file.
func (p *press) describe() {
	frozen := p.report.Created
	if p.report.Finished != nil {
		frozen = *p.report.Finished
	}
	p.SetCatalogSort(true)
	p.SetCreationDate(frozen.In(time.UTC))
	p.SetModificationDate(frozen.In(time.UTC))
	p.SetTitle(titleOf(p.report, p.content), true)
	p.SetAuthor(p.report.Order.Author, true)
	p.SetSubject(p.content.Notice.SV, true)
	p.SetKeywords("SHA-256 "+p.report.SHA256, true)
	p.SetCreator("Strukturbild", true)
	p.SetProducer("Strukturbild", true)
	p.SetLang("sv-SE")
	p.SetDisplayMode("fullpage", "single")
}

func (p *press) write(w io.Writer) error { return p.Output(w) }

func (p *press) header() {
	p.ink(accent)
	p.SetFillColor(accent[0], accent[1], accent[2])
	p.Rect(0, 0, pageWidth, 3, "F")
	p.at(margin, 9)
	p.font("B", 7.5)
	p.CellFormat(textWidth/2, 4, "STRUKTURBILD", "", 0, "L", false, 0, "")
	p.font("", 7.5)
	p.ink(quiet)
	p.CellFormat(textWidth/2, 4, p.content.Notice.SV, "", 0, "R", false, 0, "")
	p.at(margin, topMargin)
}

func (p *press) footer() {
	y := pageHeight - 14
	p.rule(y)
	p.font("", 7)
	p.ink(quiet)
	p.at(margin, y+2)
	title := p.fit(titleOf(p.report, p.content), textWidth*0.62)
	p.CellFormat(textWidth*0.7, 3.5, title, "", 0, "L", false, 0, "")
	page := fmt.Sprintf("Sida %d av %d", p.PageNo(), p.pages)
	p.CellFormat(textWidth*0.3, 3.5, page, "", 1, "R", false, 0, "")
	p.SetX(margin)
	c := p.content
	p.CellFormat(textWidth, 3.5, fmt.Sprintf("Revision %d · regelverk %s version %d · SHA-256 %s…", c.State.Revision, c.State.Ruleset.ID, c.State.Ruleset.Version,
		p.report.SHA256[:min(16, len(p.report.SHA256))]), "", 0, "L", false, 0, "")
}

func (p *press) font(style string, size float64) { p.SetFont("text", style, size) }
func (p *press) ink(c colour)                    { p.SetTextColor(c[0], c[1], c[2]) }
func (p *press) fill(c colour)                   { p.SetFillColor(c[0], c[1], c[2]) }
func (p *press) at(x, y float64)                 { p.SetXY(x, y) }

func (p *press) pen(c colour, width float64) {
	p.SetDrawColor(c[0], c[1], c[2])
	p.SetLineWidth(width)
}

// rule draws a hairline across the text.
func (p *press) rule(y float64) {
	p.pen(hairline, 0.2)
	p.Line(margin, y, pageWidth-margin, y)
}

// fit shortens a text to a width.
func (p *press) fit(text string, width float64) string {
	if p.GetStringWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && p.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// left gives how much of the page is left, in millimetres.
func (p *press) left() float64 { return pageHeight - lowMargin - p.GetY() }

// need begins a new page unless so much of this one is left.
func (p *press) need(height float64) {
	if p.left() < height {
		p.AddPage()
	}
}

// heading begins a section, and keeps it with what follows.
func (p *press) heading(text string) {
	p.need(28)
	if p.GetY() > topMargin+1 {
		p.Ln(6)
	}
	p.Bookmark(text, 0, -1)
	p.font("B", 13)
	p.ink(accent)
	p.CellFormat(textWidth, 6.5, text, "", 1, "L", false, 0, "")
	p.Ln(1.5)
}

func (p *press) subheading(text string) {
	p.need(22)
	p.Ln(3)
	p.font("B", 10)
	p.ink(ink)
	p.CellFormat(textWidth, 5, text, "", 1, "L", false, 0, "")
	p.Ln(0.8)
}

// paragraph sets running text.
func (p *press) paragraph(text string) {
	p.font("", 9.5)
	p.ink(ink)
	p.MultiCell(textWidth, 4.9, text, "", "L", false)
	p.Ln(1.6)
}

func (p *press) remark(text string) {
	p.font("I", 8)
	p.ink(quiet)
	p.MultiCell(textWidth, 4, text, "", "L", false)
	p.Ln(1)
}

// warning sets a text that nobody must miss.
func (p *press) warning(head, text string) {
	p.font("", 9)
	lines := p.SplitText(text, textWidth-10)
	height := float64(len(lines))*4.6 + 11
	p.need(height + 4)
	y := p.GetY()
	p.fill(colour{253, 240, 240})
	p.Rect(margin, y, textWidth, height, "F")
	p.fill(strong)
	p.Rect(margin, y, 1.4, height, "F")
	p.at(margin+5, y+2.5)
	p.font("B", 9.5)
	p.ink(strong)
	p.CellFormat(textWidth-10, 5, head, "", 2, "L", false, 0, "")
	p.font("", 9)
	p.ink(ink)
	p.MultiCell(textWidth-10, 4.6, text, "", "L", false)
	p.at(margin, y+height+4)
}
