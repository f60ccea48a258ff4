package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// settingsFlags are the settings as they are typed; empty where they stay as they are.
type settingsFlags struct {
	connection, by                   string
	creationsFloor, creationsPercent string
	changesFloor, changesPercent     string
	automaticEndings, duplicates     string
}

func connectionsSettingsCommand(t *terminal) *cobra.Command {
	var flags settingsFlags
	command := &cobra.Command{
		Use:   "settings --connection ID [--automatic-endings on|off] [--likely-duplicates wait|create] [--creations-floor N] …",
		Short: "Choose what a connection does by itself, and how much a run may change unasked",
		Long: `settings chooses for one connection; what is not named stays as it is. Each change is kept
with who made it.

The guard holds a run that would create more people than the larger of a floor and a
percentage of the linked people, or reactivate people or end contracts beyond another such
limit, until somebody allows or rejects it (S16). A floor of 0 and a percentage of 0 hold
every such run.

Reads DATABASE_URL.`,
		Example: `  starter connections settings --connection CONNECTION --automatic-endings on
  starter connections settings --connection CONNECTION --likely-duplicates wait
  starter connections settings --connection CONNECTION --creations-floor 80 --creations-percent 25`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			change, err := flags.change()
			if err != nil {
				return err
			}
			return t.connectionDetail(ctx, func(ctx context.Context, operator *app.Operator) (app.ConnectionDetail, error) {
				return operator.ChooseSettings(ctx, change)
			})
		}),
	}
	f := command.Flags()
	f.StringVar(&flags.automaticEndings, "automatic-endings", "", "on: the second step of an ending needs no confirmation; off")
	f.StringVar(&flags.duplicates, "likely-duplicates", "",
		"wait: who looks like an unlinked profile waits as disputed; create: is created and announced")
	f.StringVar(&flags.creationsFloor, "creations-floor", "", "creations that a run may always make, such as 50")
	f.StringVar(&flags.creationsPercent, "creations-percent", "", "creations that a run may make, in percent of the linked people")
	f.StringVar(&flags.changesFloor, "changes-floor", "", "reactivations, or contracts ended, that a run may always make, such as 10")
	f.StringVar(&flags.changesPercent, "changes-percent", "", "the same in percent of the linked people")
	t.stepFlags(command, &flags.connection, &flags.by)
	return command
}

// change reads what was typed.
func (f settingsFlags) change() (change app.SettingsChange, err error) {
	change = app.SettingsChange{ConnectionID: f.connection, By: f.by}
	for _, number := range []struct {
		flag, text string
		into       **int
	}{
		{"creations-floor", f.creationsFloor, &change.CreationsFloor},
		{"creations-percent", f.creationsPercent, &change.CreationsPercent},
		{"changes-floor", f.changesFloor, &change.ChangesFloor},
		{"changes-percent", f.changesPercent, &change.ChangesPercent},
	} {
		if *number.into, err = optionalNumber(number.flag, number.text); err != nil {
			return change, err
		}
	}
	if change.AutomaticEndings, err = optionalChoice("automatic-endings", f.automaticEndings, settingOn, settingOff); err != nil {
		return change, err
	}
	change.LikelyDuplicatesWait, err = optionalChoice("likely-duplicates", f.duplicates,
		app.LikelyDuplicatesWait, app.LikelyDuplicatesCreate)
	return change, err
}

// optionalChoice reads a flag that is one of two words, or left out.
func optionalChoice(flag, text, yes, no string) (*bool, error) {
	chosen := text == yes
	switch text {
	case "":
		return nil, nil //nolint:nilnil // left out is an answer
	case yes, no:
		return &chosen, nil
	}
	return nil, usage("--%s must be %s or %s", flag, yes, no)
}
