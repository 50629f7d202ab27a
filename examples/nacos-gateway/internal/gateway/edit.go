package gateway

import (
	"maps"
	"slices"

	steadfast "github.com/steadfast-registry/steadfast/bindings/go"
)

// edit is one field that an operator changes.
type edit struct {
	field string
	apply func(author steadfast.Author) (steadfast.Effect, error)
}

// edits are the fields in which a request differs from what lookups show. Nothing differs from an instance that is not
// there: overlays for it would freeze what nobody has seen.
func (g *Gateway) edits(w *write, instance *steadfast.Instance) ([]edit, error) {
	if instance == nil {
		return nil, nil
	}
	var edits []edit
	if weight := w.wanted.Weight; weight != nil && *weight != instance.Weight {
		edits = append(edits, g.setting("weight", w.at, steadfast.OverlayWeight(*weight)))
	}
	edits = append(edits, g.metadataEdits(w, instance)...)
	dropped, err := g.droppedKeys(w, instance)
	if err != nil {
		return nil, err
	}
	for _, key := range dropped {
		edits = append(edits, g.releasing(w.at, key))
	}
	return edits, nil
}

func (g *Gateway) metadataEdits(w *write, instance *steadfast.Instance) []edit {
	var edits []edit
	for _, key := range slices.Sorted(maps.Keys(w.wanted.Metadata)) {
		wanted := w.wanted.Metadata[key]
		if shown, found := instance.Metadata.Value(key); !found || shown != wanted {
			edits = append(edits, g.setting("metadata "+key, w.at, steadfast.OverlayMetadata(key, wanted)))
		}
	}
	return edits
}

// droppedKeys are metadata keys that an operator once set here and that the request leaves out. A key of the client is
// not dropped by leaving it out, because tools send only the keys that they mean, or none.
func (g *Gateway) droppedKeys(w *write, instance *steadfast.Instance) ([]string, error) {
	if len(w.wanted.Metadata) == 0 {
		return nil, nil
	}
	absent := map[string]bool{}
	for key := range instance.Metadata.All() {
		if _, named := w.wanted.Metadata[key]; !named {
			absent[key] = true
		}
	}
	if len(absent) == 0 {
		return nil, nil
	}
	set, err := g.overlaidKeys(w.at)
	return slices.DeleteFunc(set, func(key string) bool { return !absent[key] }), err
}

// overlaidKeys are the metadata keys that an operator set on an instance.
func (g *Gateway) overlaidKeys(at place) ([]string, error) {
	ordered, err := g.registry.Orders(at.service)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, one := range ordered {
		if one.Address != at.address {
			continue
		}
		for _, overlay := range one.Overlays {
			if pair := overlay.Field.Metadata; pair != nil {
				keys = append(keys, pair.Key)
			}
		}
	}
	return keys, nil
}

func (g *Gateway) setting(field string, at place, overlay steadfast.Overlay) edit {
	return edit{field: field, apply: func(author steadfast.Author) (steadfast.Effect, error) {
		return g.registry.Overlay(at.service, at.address, overlay, author)
	}}
}

func (g *Gateway) releasing(at place, key string) edit {
	return edit{field: "metadata " + key, apply: func(author steadfast.Author) (steadfast.Effect, error) {
		return g.registry.ReleaseOverlay(at.service, at.address, steadfast.MetadataField(key), author)
	}}
}

// edit applies edits one by one; each is durable when the next one starts.
func (g *Gateway) edit(w *write, edits []edit) error {
	for _, one := range edits {
		effect, err := one.apply(w.author)
		if err != nil {
			return err
		}
		g.logOrder("edit "+one.field, w, &effect)
	}
	if len(edits) > 0 {
		g.known.unsettle(w.at)
	}
	return nil
}
