package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/mail"
	"github.com/eitje/connexie-worker/internal/secrets"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/webhook"
)

// postman sends to channels. What signs a webhook exists in clear only on the way from
// the store to the client (N3).
type postman struct {
	keys  *secrets.KeyRing
	hooks *webhook.Client
	mails *mail.Sender
	link  func(connectionID string) string
}

func newPostman(cfg config.Worker, keys *secrets.KeyRing) *postman {
	return &postman{
		keys:  keys,
		hooks: webhook.New(webhook.Options{UserAgent: userAgent}),
		mails: mail.New(mail.Options{
			Addr: cfg.SMTP.Addr, From: cfg.SMTP.From, Username: cfg.SMTP.Username, Password: cfg.SMTP.Password.Reveal,
			TLS: mail.TLS(cfg.SMTP.TLS),
		}),
		link: func(connectionID string) string {
			return connectionLink(cfg.UI.TemporalURL, orDefaultNamespace(cfg.Temporal), connectionID)
		},
	}
}

// Send sends events to a channel.
func (p *postman) Send(ctx context.Context, channel store.Channel, events []domain.NoticeEvent) domain.Attempt {
	if channel.Kind == domain.ChannelEmail {
		return p.mails.Send(ctx, mail.Envelope{ChannelID: channel.ID, To: channel.Target, Events: events, Link: p.link})
	}
	secret, err := p.keys.Open(secrets.Sealed(channel.Secret), []byte(channel.ID))
	if err != nil {
		return domain.Attempt{Result: domain.SendLater, Problem: "the worker's ENCRYPTION_KEYS do not open its secret"}
	}
	event := events[0]
	return p.hooks.Send(ctx, channel.Target, string(secret), event, p.link(event.ConnectionID))
}

// sealSecret seals what a webhook is signed with, for one channel.
func sealSecret(keys *secrets.KeyRing, channelID, secret string) (store.SealedSecret, error) {
	sealed, err := keys.Seal([]byte(secret), []byte(channelID))
	return store.SealedSecret(sealed), err
}

// connectionLink is where the Temporal UI lists the workflows of a connection; empty
// where there is none.
func connectionLink(base, namespace, connectionID string) string {
	if base == "" || connectionID == "" {
		return ""
	}
	query := url.Values{"query": {`Connection="` + connectionID + `"`}}
	return strings.TrimRight(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows?" + query.Encode()
}
