package server

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
	"strukturbild/internal/webhook"
)

// webhooksPage is how many entries a list has when the request does not say.
const webhooksPage = 100

// webhookRequest is the body that makes a webhook.
type webhookRequest struct {
	URL      string   `json:"url"`
	Layers   []string `json:"layers"`
	Kommuner []string `json:"kommuner"`
}

// webhookMade is a new webhook with its secret, which is never shown again.
type webhookMade struct {
	*plan.Webhook
	Secret string `json:"secret"`
}

// postWebhook makes a webhook of the one who asks.
func (s *Server) postWebhook(c echo.Context) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	request := webhookRequest{Layers: []string{}, Kommuner: []string{}}
	if err := strictJSON(body, &request); err != nil {
		return err
	}
	if err := webhook.CheckURL(request.URL, s.options.Webhooks.Private()); err != nil {
		return err
	}
	if err := s.checkWebhook(c, &request); err != nil {
		return err
	}
	if err := s.reachable(); err != nil {
		return err
	}
	w := &plan.Webhook{ID: rand.Text(), URL: request.URL, Layers: request.Layers, Kommuner: request.Kommuner, Owner: principal(c).Name, Secret: webhook.NewSecret()}
	if err := s.store.AddWebhook(c.Request().Context(), w); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.base(c)+api+"/webhooks/"+w.ID)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusCreated, webhookMade{w, webhook.SecretText(w.Secret)})
}

// checkWebhook refuses filters that nothing can ever match.
func (s *Server) checkWebhook(c echo.Context, request *webhookRequest) error {
	view := s.view(c)
	for _, id := range request.Layers {
		if _, err := view.Layer(id); err != nil {
			return plan.Errorf(plan.Invalid, "/layers", "there is no layer %q", id)
		}
	}
	partition := view.Partition()
	for _, kod := range request.Kommuner {
		if kod != plan.OutsideKommun && partition.KommunIndex(kod) < 0 {
			return plan.Errorf(plan.Invalid, "/kommuner", "there is no kommun %q; give its four-digit kommunkod, or %q", kod, plan.OutsideKommun)
		}
	}
	slices.Sort(request.Layers)
	slices.Sort(request.Kommuner)
	request.Layers, request.Kommuner = slices.Compact(request.Layers), slices.Compact(request.Kommuner)
	return nil
}

// owner is whose webhooks the one who asks may see: its own, and an administrator everyone's.
func owner(c echo.Context) string {
	if principal(c).Role.Allows(plan.Admin) {
		return ""
	}
	return principal(c).Name
}

func (s *Server) getWebhooks(c echo.Context) error {
	limit := webhooksPage
	if n, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		limit = n
	}
	if err := s.reachable(); err != nil {
		return err
	}
	list, err := s.store.Webhooks(c.Request().Context(), owner(c), c.QueryParam("cursor"), limit+1)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(list) > limit {
		list = list[:limit]
		links = append(links, s.nextLink(c, "cursor", list[limit-1].ID))
	}
	return c.JSON(http.StatusOK, map[string]any{"webhooks": list, "links": links})
}

// ownWebhook finds the webhook of the address, if it is for who asks.
func (s *Server) ownWebhook(c echo.Context) (*plan.Webhook, error) {
	if err := s.reachable(); err != nil {
		return nil, err
	}
	return s.store.Webhook(c.Request().Context(), c.Param("id"), owner(c))
}

func (s *Server) getWebhook(c echo.Context) error {
	w, err := s.ownWebhook(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, w)
}

func (s *Server) deleteWebhook(c echo.Context) error {
	if err := s.reachable(); err != nil {
		return err
	}
	if err := s.store.RemoveWebhook(c.Request().Context(), c.Param("id"), owner(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// postWebhookTest sends a message at once. One that is taken makes a disabled webhook well again.
func (s *Server) postWebhookTest(c echo.Context) error {
	w, err := s.ownWebhook(c)
	if err != nil {
		return err
	}
	delivery, err := s.options.Webhooks.Test(c.Request().Context(), w.ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, delivery)
}

// getDeliveries is the log of a webhook, newest first.
func (s *Server) getDeliveries(c echo.Context) error {
	w, err := s.ownWebhook(c)
	if err != nil {
		return err
	}
	limit := webhooksPage
	if n, err := strconv.Atoi(c.QueryParam("limit")); err == nil {
		limit = n
	}
	before, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64) // the contract has checked it
	list, err := s.store.Deliveries(c.Request().Context(), w.ID, before, limit+1)
	if err != nil {
		return err
	}
	links := []map[string]string{}
	if len(list) > limit {
		list = list[:limit]
		links = append(links, s.nextLink(c, "before", strconv.FormatInt(list[limit-1].Number, 10)))
	}
	return c.JSON(http.StatusOK, map[string]any{"deliveries": list, "links": links})
}
