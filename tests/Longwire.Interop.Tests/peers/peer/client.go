package peer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Compression is what the query of a URL asks a client to offer: nothing, "takeover", or by default that neither side keeps a context.
type Compression string

const (
	Uncompressed Compression = "uncompressed"
	Takeover     Compression = "takeover"
)

func compressionOf(url string) Compression {
	_, query, _ := strings.Cut(url, "?")
	return Compression(query)
}

type client struct {
	Socket
	messages chan Message
	closed   chan Closed
}

// RunClient runs one case: URL CASE [ARGUMENT ...], or as URL conform those of "longwire conform client". It prints one line of JSON that says what it saw, and ends with 1 and a sentence
// when that isn't what a client may expect.
func RunClient(dial func(url string, compression Compression, subprotocols []string) (Socket, error), arguments []string) {
	url, name, arguments := arguments[0], arguments[1], arguments[2:]
	if name == "conform" {
		runConformance(dial, url, filepath.Base(os.Args[0]))
		return
	}
	var subprotocols []string
	if name == "subprotocol" {
		subprotocols = arguments
	}
	socket, err := dial(url, compressionOf(url), subprotocols)
	check(err)
	c := &client{socket, make(chan Message, 1), make(chan Closed, 1)}
	go c.receive()

	cases := map[string]func(arguments []string) map[string]any{
		"echo":         c.echo,
		"conversation": c.conversation,
		"pipelined":    c.pipelined,
		"fragments":    c.fragments,
		"ping":         c.ping,
		"close":        c.close,
		"subprotocol":  c.subprotocol,
	}
	line, err := json.Marshal(cases[name](arguments))
	check(err)
	fmt.Println(string(line))
}

func (c *client) receive() {
	for {
		message, err := c.Receive()
		if closed, ok := err.(Closed); ok {
			close(c.messages)
			c.closed <- closed
			return
		}
		check(err)
		c.messages <- message
	}
}

func (c *client) echo(arguments []string) map[string]any {
	size := number(arguments[1])
	c.exchange(Message{arguments[0] == "binary", Payload(arguments[0], size)})
	return c.leave(map[string]any{"bytes": size, "extensions": extensionNames(c.Extensions())})
}

// Messages that are alike, so that contexts pay, and messages that aren't.
func (c *client) conversation([]string) map[string]any {
	for round := 0; round < 10; round++ {
		for i := 0; i < 5; i++ {
			c.exchange(Message{false, []byte(fmt.Sprintf(`{"round":%d,"i":%d,"text":"%s"}`, round, i, strings.Repeat("the same and the same ", 50)))})
		}
		c.exchange(Message{true, Payload("binary", 20_000*round)})
		c.exchange(Message{false, Payload("text", round)})
	}
	return c.leave(map[string]any{"extensions": c.Extensions()})
}

func (c *client) pipelined(arguments []string) map[string]any {
	count := number(arguments[0])
	go func() {
		for i := 0; i < count; i++ {
			check(c.Send(Message{false, []byte(fmt.Sprintf("message %d", i))}))
		}
	}()
	for i := 0; i < count; i++ {
		c.expect(Message{false, []byte(fmt.Sprintf("message %d", i))})
	}
	return c.leave(map[string]any{"messages": count})
}

// A ping between the fragments is answered before the message is whole.
func (c *client) fragments(arguments []string) map[string]any {
	size, count := number(arguments[1]), number(arguments[2])
	message := Message{arguments[0] == "binary", Payload(arguments[0], size)}
	check(c.SendFragments(message.Binary, Parts(message.Payload, count), func() error { return c.Ping([]byte("between")) }))
	c.expect(message)
	return c.leave(map[string]any{"bytes": size})
}

func (c *client) ping(arguments []string) map[string]any {
	size := number(arguments[0])
	check(c.Ping(Payload("binary", size)))
	return c.leave(map[string]any{"bytes": size})
}

func (c *client) close(arguments []string) map[string]any {
	code, reason := 1005, ""
	if len(arguments) > 0 {
		code, reason = number(arguments[0]), arguments[1]
	}
	return c.leaveWith(code, reason, map[string]any{})
}

func (c *client) subprotocol([]string) map[string]any {
	return c.leave(map[string]any{"subprotocol": c.Subprotocol()})
}

func (c *client) exchange(message Message) {
	check(c.Send(message))
	c.expect(message)
}

func (c *client) expect(message Message) {
	answer, ok := <-c.messages
	if !ok {
		fail("The connection ended before the echo: %v", <-c.closed)
	}
	if answer.Binary != message.Binary || !bytes.Equal(answer.Payload, message.Payload) {
		fail("The echo of a %s message of %d bytes is another: %s, of %d bytes.", message.Kind(), len(message.Payload), answer.Kind(), len(answer.Payload))
	}
}

func (c *client) leave(result map[string]any) map[string]any { return c.leaveWith(1000, "", result) }

func (c *client) leaveWith(code int, reason string, result map[string]any) map[string]any {
	c.Close(code, reason)
	closed := <-c.closed
	result["code"], result["reason"] = closed.Code, closed.Reason
	return result
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
