package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"

	"strukturbild/geodata"
	"strukturbild/internal/atlas"
	"strukturbild/internal/ingest"
	"strukturbild/internal/plan"
)

// born are the layers that come with features of their own.
var born = []string{"kommun", "kommunalforbund", "lan", "la_region", "tatort"}

// bootstrap makes the built-in layers that are missing and loads the region's data into them, as one revision. Those of a
// database from before layers had metadata are given theirs.
func bootstrap(ctx context.Context, at *atlas.Atlas) error {
	var read []io.Closer
	defer func() {
		for _, features := range read {
			_ = features.Close() // they are in the database, or the error says why not
		}
	}()
	_, err := at.Change(ctx, func(view *atlas.View) (plan.ChangeSet, error) {
		changes := plan.ChangeSet{Author: "strukturbild", Kind: plan.ChangeRegion, Note: "the region that the service is born with"}
		for _, layer := range plan.BuiltIn() {
			if snapshot, err := view.Layer(layer.ID); err == nil {
				if old := *snapshot.Layer(); reflect.DeepEqual(old.Metadata, plan.Metadata{}) {
					old.Metadata = layer.Metadata
					changes.Layers = append(changes.Layers, plan.LayerChange{Layer: old.ID, Base: snapshot.Revision(), Define: &old})
				}
				continue
			}
			change := plan.LayerChange{Layer: layer.ID, Define: &layer}
			if slices.Contains(born, layer.ID) {
				features, err := bornWith(ctx, &layer)
				if err != nil {
					return changes, err
				}
				change.Add, read = features, append(read, features)
			}
			changes.Layers = append(changes.Layers, change)
		}
		return changes, nil
	})
	return err
}

// bornWith reads the layer's embedded features.
func bornWith(ctx context.Context, layer *plan.Layer) (*ingest.Batch, error) {
	file, err := geodata.Open(layer.ID)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	batch, err := ingest.ReadGeoJSON(ctx, file, ingest.Options{Layer: layer})
	if err != nil {
		return nil, fmt.Errorf("layer %s: %w", layer.ID, err)
	}
	return batch, nil
}
