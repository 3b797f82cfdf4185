package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"strukturbild/internal/atlas"
	"strukturbild/internal/plan"
)

type verifyCommand struct {
	database
	Server string `help:"Check the atlas of this running service, instead of one read now." env:"STRUKTURBILD_SERVER"`
	Token  string `help:"Token of that service, to see drafts too." env:"STRUKTURBILD_TOKEN"`
}

// Run sums every layer in the database and in an atlas, and names each that differs.
func (v *verifyCommand) Run(ctx context.Context) error {
	st, at, close, err := v.openAtlas(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	picture, err := st.Picture(ctx)
	if err != nil {
		return errors.Join(err, close())
	}
	var differ []error
	for _, layer := range picture.Layers() {
		differ = append(differ, v.layer(ctx, picture, at, &layer))
	}
	picture.Close(ctx)
	if err := errors.Join(differ...); err != nil {
		return errors.Join(err, close())
	}
	fmt.Printf("revision %d: %d layers are the same in the atlas and in the database\n", picture.Revision(), len(picture.Layers()))
	return close()
}

func (v *verifyCommand) layer(ctx context.Context, picture plan.Picture, at *atlas.Atlas, layer *plan.Layer) error {
	var stored atlas.Checksum
	err := picture.Features(ctx, layer, 0, func(f *plan.Feature) error {
		stored.Add(f)
		return nil
	})
	if err != nil {
		return err
	}
	shown, revision, err := v.shown(ctx, at, layer)
	switch {
	case err != nil:
		return fmt.Errorf("layer %s: %w", layer.ID, err)
	case revision != layer.Revision:
		return fmt.Errorf("layer %s: the atlas shows revision %d, the database has %d; try again", layer.ID, revision, layer.Revision)
	case shown != stored:
		return fmt.Errorf("layer %s DIFFERS: %d features with sum %x in the atlas, %d with %x in the database",
			layer.ID, shown.Features, shown.Sum, stored.Features, stored.Sum)
	}
	fmt.Printf("%-24s %9d features  revision %d  ok\n", layer.ID, stored.Features, layer.Revision)
	return nil
}

// shown gives the checksum in the running service's atlas, or in ours.
func (v *verifyCommand) shown(ctx context.Context, at *atlas.Atlas, layer *plan.Layer) (atlas.Checksum, plan.Revision, error) {
	if v.Server == "" {
		snapshot, err := at.View().Layer(layer.ID)
		if err != nil {
			return atlas.Checksum{}, 0, err
		}
		return snapshot.Checksum(), snapshot.Revision(), nil
	}
	var answer struct {
		atlas.Checksum
		Revision plan.Revision
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		strings.TrimSuffix(v.Server, "/")+"/api/v1/layers/"+layer.ID+"/checksum", nil)
	if err != nil {
		return answer.Checksum, 0, err
	}
	if v.Token != "" {
		request.Header.Set("Authorization", "Bearer "+v.Token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer.Checksum, 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer.Checksum, 0, errors.New("the service answers " + response.Status)
	}
	err = json.NewDecoder(response.Body).Decode(&answer)
	return answer.Checksum, answer.Revision, err
}
