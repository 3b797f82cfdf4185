package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"strukturbild/internal/atlas"
	"strukturbild/internal/demo"
	"strukturbild/internal/plan"
)

type demoCommand struct {
	Load   demoLoad   `cmd:"" default:"withargs" help:"Fill the land-use layers with synthetic features."`
	Remove demoRemove `cmd:"" help:"Remove every synthetic feature."`
}

type demoLoad struct {
	database
	Features int    `help:"How many features in all." default:"2000"`
	Seed     uint64 `help:"The same seed gives the same features." default:"14"`
}

// defaultSeed is the seed of the demonstration that make run loads.
const defaultSeed = 14

// landUse are the layers that demonstrations fill.
var landUse = []string{"wind_power", "agriculture", "forest", "infrastructure"}

func (d *demoLoad) Run(ctx context.Context) error {
	if d.Features < 1 {
		return plan.Errorf(plan.Invalid, "features", "--features %d must be at least 1", d.Features)
	}
	return d.withAtlas(ctx, func(at *atlas.Atlas) error {
		if err := bootstrap(ctx, at); err != nil {
			return err
		}
		if err := loadDemo(ctx, at, d.Features, d.Seed); err != nil {
			return err
		}
		return printDemo(at)
	})
}

type demoRemove struct{ database }

func (d *demoRemove) Run(ctx context.Context) error {
	return d.withAtlas(ctx, func(at *atlas.Atlas) error {
		if err := changeDemo(ctx, at, "synthetic data removed", nil); err != nil {
			return err
		}
		return printDemo(at)
	})
}

func (d database) withAtlas(ctx context.Context, work func(*atlas.Atlas) error) error {
	_, at, close, err := d.openAtlas(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(work(at), close())
}

// loadDemo replaces the synthetic features by n new ones.
func loadDemo(ctx context.Context, at *atlas.Atlas, n int, seed uint64) error {
	region, err := demoRegion(at.View())
	if err != nil {
		return err
	}
	made := map[string][]plan.Feature{}
	for layer, feature := range demo.Generate(region, seed, n) {
		made[layer] = append(made[layer], feature)
	}
	return changeDemo(ctx, at, fmt.Sprintf("SYNTHETIC data: %d features, seed %d", n, seed), made)
}

// changeDemo brings the synthetic part of the land-use layers to the given features, as one revision.
func changeDemo(ctx context.Context, at *atlas.Atlas, note string, made map[string][]plan.Feature) error {
	_, err := at.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
		changes := plan.ChangeSet{Author: "strukturbild", Kind: plan.ChangeDemo, Note: note}
		for _, id := range landUse {
			snapshot, err := view.Layer(id)
			if err != nil {
				return changes, err
			}
			change, err := demoChange(snapshot, made[id])
			if err != nil {
				return changes, err
			}
			if change != nil {
				changes.Layers = append(changes.Layers, *change)
			}
		}
		return changes, nil
	})
	return err
}

// demoChange leaves alone what is not synthetic. The layer is marked as long as it holds synthetic features.
func demoChange(snapshot *atlas.Snapshot, features []plan.Feature) (*plan.LayerChange, error) {
	compared, err := snapshot.Compare(plan.List(features), plan.UploadUpsert)
	if err != nil {
		return nil, err
	}
	keep := make(map[string]bool, len(features))
	for i := range features {
		keep[features[i].ID] = true
	}
	for slot := range snapshot.All("") {
		if id := snapshot.ID(slot); isSynthetic(snapshot, slot) && !keep[id] {
			compared.Change.Remove = append(compared.Change.Remove, id)
		}
	}
	if layer := *snapshot.Layer(); layer.Synthetic != (len(features) > 0) {
		layer.Synthetic = len(features) > 0
		compared.Change.Define = &layer
	} else if compared.IsEmpty() {
		return nil, nil
	}
	return &compared.Change, nil
}

func isSynthetic(snapshot *atlas.Snapshot, slot atlas.Slot) bool {
	i := snapshot.Layer().Attribute("synthetic")
	return i >= 0 && snapshot.Values(nil, slot)[i].Bool()
}

func landUseEmpty(view *atlas.View) bool {
	for _, id := range landUse {
		if snapshot, err := view.Layer(id); err == nil && snapshot.Len() > 0 {
			return false
		}
	}
	return true
}

// demoRegion takes the county, the municipalities and the settlements from the atlas.
func demoRegion(view *atlas.View) (region demo.Region, err error) {
	lan, err := view.Layer("lan")
	if err != nil {
		return region, err
	}
	for slot := range lan.All("") {
		region.County = lan.Geometry(slot)
	}
	kommun, err := view.Layer("kommun")
	if err != nil {
		return region, err
	}
	for slot := range kommun.All("") {
		region.Kommuner = append(region.Kommuner, demo.Kommun{Kommunkod: kommun.ID(slot), Geometry: kommun.Geometry(slot)})
	}
	tatort, err := view.Layer("tatort")
	if err != nil {
		return region, err
	}
	name, population := tatort.Layer().Attribute("namn"), tatort.Layer().Attribute("folkmangd")
	for slot := range tatort.All("") {
		values, at := tatort.Values(nil, slot), tatort.Geometry(slot).Coords
		region.Tatorter = append(region.Tatorter, demo.Tatort{Name: values[name].Text(), X: at[0], Y: at[1], Population: int(values[population].Int())})
	}
	return region, nil
}

func printDemo(at *atlas.Atlas) error {
	for _, id := range landUse {
		snapshot, err := at.View().Layer(id)
		if err != nil {
			return err
		}
		synthetic := 0
		for slot := range snapshot.All("") {
			if isSynthetic(snapshot, slot) {
				synthetic++
			}
		}
		fmt.Printf("%-16s %8d features, %d of them synthetic\n", id, snapshot.Len(), synthetic)
	}
	return nil
}
