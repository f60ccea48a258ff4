package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func channelsCommand(t *terminal) *cobra.Command {
	command := &cobra.Command{
		Use:   "channels",
		Short: "Choose where an organisation is told of notifications",
		Long: `A channel is a webhook or an e-mail address at which an organisation is told of
notifications: when one opens, says something else, is due again after a snooze, and
closes. The worker delivers every minute, at least once: what arrives twice has one id.

A receiver that does not answer is tried again, for ever. One that refuses everything,
or is gone, is stopped until it is tested or set anew; nothing is lost meanwhile.`,
		Example: `  starter notifications channels list
  starter notifications channels set --organisation 0190a1b2-0000-7000-8000-000000000001 --email payroll@example.com
  starter notifications channels test --channel 0190a1b2-0000-7000-8000-000000000009`,
	}
	command.AddCommand(channelsListCommand(t), channelsSetCommand(t), channelsRemoveCommand(t), channelsTestCommand(t))
	t.group(command, "subcommand")
	return command
}

func channelsListCommand(t *terminal) *cobra.Command {
	var organisation string
	command := &cobra.Command{
		Use:     "list",
		Short:   "List the channels and how they fare",
		Long:    "list shows the channels and how they fare. Of a webhook it shows the host: the rest of a URL\nis often a secret.",
		Example: "  starter notifications channels list",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				channels, err := operator.Channels(ctx, organisation)
				if err != nil {
					return err
				}
				t.result(map[string]any{"channels": channels}, func() { t.showChannels(channels) })
				return nil
			})
		}),
	}
	command.Flags().StringVar(&organisation, "organisation", "", "id of the organisation (default: all)")
	return command
}

func channelsSetCommand(t *terminal) *cobra.Command {
	var (
		setting    app.ChannelSetting
		secretFile string
	)
	command := &cobra.Command{
		Use:   "set --organisation ID (--webhook URL | --email ADDRESS)",
		Short: "Add a channel, or change the one with this target",
		Long: `set adds a channel, or changes the one that the organisation has with this target. From then
on it is told what happens; what is open already is in: starter notifications list.

What is sent to a webhook is signed (standardwebhooks.com). Its secret is made here and
shown this one time, unless it is given in a file. A webhook's URL begins with https://.

Reads DATABASE_URL and ENCRYPTION_KEYS. E-mail needs SMTP_ADDR and SMTP_FROM on the worker.`,
		Example: `  starter notifications channels set --organisation 0190a1b2-0000-7000-8000-000000000001 --webhook https://example.com/hook
  starter notifications channels set --organisation 0190a1b2-0000-7000-8000-000000000001 --email payroll@example.com --severity critical
  starter notifications channels set --organisation 0190a1b2-0000-7000-8000-000000000001 --email payroll@example.com --off`,
		Args: cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error { return setChannel(ctx, t, setting, secretFile) }),
	}
	f := command.Flags()
	f.StringVar(&setting.OrganisationID, "organisation", "", "id of the organisation; see: starter status")
	f.StringVar(&setting.Webhook, "webhook", "", "URL to call")
	f.StringVar(&setting.Email, "email", "", "address to write to")
	f.StringVar(&setting.Severity, "severity", "warning", "the least severe to tell: info, warning or critical")
	f.BoolVar(&setting.Off, "off", false, "tell nothing for now, and keep nothing new for later")
	f.StringVar(&secretFile, "secret-file", "", "file that holds the webhook's signing secret, whsec_…; - for standard input")
	f.BoolVar(&setting.NewSecret, "new-secret", false, "make a new signing secret in place of the one it has")
	f.StringVar(&setting.By, "by", app.DefaultRequester, "id of who sets it, a person or program; never a name")
	command.MarkFlagsMutuallyExclusive("webhook", "email")
	command.MarkFlagsMutuallyExclusive("secret-file", "new-secret")
	t.require(command, "organisation")
	return command
}

func setChannel(ctx context.Context, t *terminal, setting app.ChannelSetting, secretFile string) error {
	if (setting.Webhook == "") == (setting.Email == "") {
		return usage("give either --webhook URL or --email ADDRESS")
	}
	if secretFile != "" {
		secret, err := t.readToken(secretFile)
		if err != nil {
			return err
		}
		if secret == (config.Secret{}) {
			return usage("--secret-file holds nothing; leave it out to have a secret made")
		}
		setting.Secret = secret
	}
	return withOperator(ctx, needsKeys, func(ctx context.Context, operator *app.Operator) error {
		channel, err := operator.SetChannel(ctx, setting)
		if err != nil {
			return err
		}
		t.result(channel, func() { t.showSetChannel(channel) })
		return nil
	})
}

func channelsRemoveCommand(t *terminal) *cobra.Command {
	var id string
	command := &cobra.Command{
		Use:     "remove --channel ID",
		Short:   "Remove a channel with what waits for it",
		Example: "  starter notifications channels remove --channel 0190a1b2-0000-7000-8000-000000000009",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsDatabase, func(ctx context.Context, operator *app.Operator) error {
				removed, err := operator.RemoveChannel(ctx, id)
				if err != nil {
					return err
				}
				t.result(map[string]any{"removed": removed}, func() {
					t.say("Removed the %s %s, with %s.", removed.Kind, printable(removed.Target), counted(removed.Pending, "event")+" that waited")
				})
				return nil
			})
		}),
	}
	command.Flags().StringVar(&id, "channel", "", "id of the channel; see: starter notifications channels list")
	t.require(command, "channel")
	return command
}

func channelsTestCommand(t *terminal) *cobra.Command {
	var id string
	command := &cobra.Command{
		Use:   "test --channel ID",
		Short: "Send a test at once and tell what happened",
		Long: `test has a worker send a test at once, from where notifications are sent too, and tells
what became of it. A channel that takes it counts as well again, and what it refused
before is sent once more.

Exit code 3 where it did not arrive. Reads DATABASE_URL and TEMPORAL_*.`,
		Example: "  starter notifications channels test --channel 0190a1b2-0000-7000-8000-000000000009",
		Args:    cobra.NoArgs,
		RunE: t.does(func(ctx context.Context) error {
			return withOperator(ctx, needsEngine, func(ctx context.Context, operator *app.Operator) error {
				test, err := operator.TestChannel(ctx, id)
				if err != nil {
					return err
				}
				t.result(test, func() { t.showChannelTest(test) })
				if !test.Delivered {
					return exitWith(exitProblems)
				}
				return nil
			})
		}),
	}
	command.Flags().StringVar(&id, "channel", "", "id of the channel; see: starter notifications channels list")
	t.require(command, "channel")
	return command
}
