package cli

import (
	"github.com/spf13/cobra"

	"sendoff/smtp/outbox"
)

func (p *program) outboxSalvage() *cobra.Command {
	return &cobra.Command{
		Use:   "salvage",
		Short: "Save what can be read of a damaged outbox",
		Long: `salvage puts the mails that can be read of a damaged outbox into a new one, which
takes its place; the damaged file is kept beside it. A mail of which only the text
is left becomes a draft. What would be sent is held: the damaged outbox may have
forgotten that it was. An outbox that is whole is left as it is.

End every other sendoff first. There has to be room for the outbox three times more.`,
		Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			room, err := p.room()
			if err != nil {
				return err
			}
			got, err := room.Salvage(cmd.Context())
			if err != nil {
				return err
			}
			if p.json {
				return p.object(struct {
					Damaged string      `json:"damaged,omitempty"`
					Whole   []outbox.ID `json:"whole"`
					Drafts  []outbox.ID `json:"drafts"`
					Lost    []outbox.ID `json:"lost"`
				}{got.Damaged, got.Whole, got.Drafts, got.Lost})
			}
			if got.Damaged == "" {
				return p.line("the outbox is whole; nothing was changed")
			}
			rows := [][]string{{"damaged file", got.Damaged}}
			for _, part := range []struct {
				name string
				ids  []outbox.ID
			}{{"whole mails", got.Whole}, {"left as drafts", got.Drafts}, {"lost", got.Lost}} {
				rows = append(rows, []string{part.name, spans(part.ids)})
			}
			return p.table(rows)
		},
	}
}
