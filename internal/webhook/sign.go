package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// NewSecret gives 32 random bytes: Standard Webhooks asks for 24 to 64.
func NewSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	return secret
}

// SecretText gives a secret as it is shown and pasted (Standard Webhooks, signature scheme).
func SecretText(secret []byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(secret) }

// sign sets the three headers by which the receiver knows the sender and the time, and a repetition (Standard Webhooks,
// webhook headers).
func sign(header http.Header, secret []byte, id string, at time.Time, body []byte) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	digest := hmac.New(sha256.New, secret)
	digest.Write([]byte(id + "." + timestamp + "."))
	digest.Write(body)
	header.Set("webhook-id", id)
	header.Set("webhook-timestamp", timestamp)
	header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(digest.Sum(nil)))
}
