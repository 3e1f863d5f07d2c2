// Package peer is what the Go implementations have in common as peers of the tests: the cases of a client, the orders of a server.
package peer

import (
	"fmt"
	"strings"
	"time"
)

// MaxMessageBytes is the largest message that a peer takes.
const MaxMessageBytes = 64 << 20

// Patience is how long a peer waits for a pong.
const Patience = 60 * time.Second

// Message is a message.
type Message struct {
	Binary  bool
	Payload []byte
}

// Kind is "text" or "binary".
func (m Message) Kind() string {
	if m.Binary {
		return "binary"
	}
	return "text"
}

// Closed is the end of a connection: the status and the reason that came, 1005 for a Close frame without a status, 1006 for none.
type Closed struct {
	Code   int
	Reason string
}

func (c Closed) Error() string { return fmt.Sprintf("closed with %d %s", c.Code, c.Reason) }

// Socket is an implementation's connection. One goroutine receives, another may do everything else.
type Socket interface {
	// Extensions is the value of the header that the server answered with.
	Extensions() string
	Subprotocol() string
	Send(message Message) error
	// SendFragments sends each part in a frame of its own, and calls between behind the first.
	SendFragments(binary bool, parts [][]byte, between func() error) error
	// Receive ends with Closed.
	Receive() (Message, error)
	// Ping returns when the pong with the same payload came. An implementation may insist on a payload of its own.
	Ping(payload []byte) error
	// Close begins the closing handshake, with an empty frame for 1005.
	Close(code int, reason string)
	// End ends TCP.
	End()
}

// extensionNames are the names without the parameters.
func extensionNames(header string) string {
	var names []string
	for _, extension := range strings.Split(header, ",") {
		names = append(names, strings.TrimSpace(strings.Split(extension, ";")[0]))
	}
	return strings.Join(names, ",")
}
