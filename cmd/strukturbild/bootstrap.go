package main

import (
	"context"
	"fmt"

	"strukturbild/geodata"
	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// born are the layers that come with features of their own.
var born = []string{"kommun", "kommunalforbund", "lan", "la_region", "tatort"}

// bootstrap makes the built-in layers that are missing and loads the region's data into them, as one revision.
func bootstrap(ctx context.Context, at *atlas.Atlas) error {
	_, err := at.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
		changes := plan.ChangeSet{Author: "strukturbild", Kind: plan.ChangeRegion, Note: "the region that the service is born with"}
		for _, layer := range plan.BuiltIn() {
			if _, err := view.Layer(layer.ID); err == nil {
				continue
			}
			features, err := bornWith(ctx, &layer)
			if err != nil {
				return changes, err
			}
			changes.Layers = append(changes.Layers, plan.LayerChange{Layer: layer.ID, Define: &layer, Add: features})
		}
		return changes, nil
	})
	return err
}

// bornWith reads the layer's embedded features.
func bornWith(ctx context.Context, layer *plan.Layer) ([]plan.Feature, error) {
	for _, name := range born {
		if name != layer.ID {
			continue
		}
		file, err := geodata.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		batch, err := ingest.ReadGeoJSON(ctx, file, ingest.Options{Layer: layer})
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", name, err)
		}
		return batch.Features, nil
	}
	return nil, nil
}
