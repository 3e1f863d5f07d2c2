// gorilla/websocket as a peer of the tests: "gorilla server", or "gorilla client URL CASE [ARGUMENT ...]". It knows compression
// without context takeover only, and offers that unless the URL ends with "?uncompressed".
package main

import (
	"errors"
	"net/http"
	"os"
	"sync"
	"time"

	"../peer"
	"github.com/gorilla/websocket"
)

// The library cuts a message into frames by its buffer; only as a server it sends what is larger than twice that as a frame of its own.
const bufferBytes = 4096

type socket struct {
	*websocket.Conn
	sending    sync.Mutex
	pongs      chan string
	extensions string
}

func main() {
	if os.Args[1] == "server" {
		peer.RunServer(accept)
	} else {
		peer.RunClient(dial, os.Args[2:])
	}
}

func dial(url string, compression peer.Compression, subprotocols []string) (peer.Socket, error) {
	dialer := websocket.Dialer{
		EnableCompression: compression != peer.Uncompressed,
		Subprotocols:      subprotocols,
		HandshakeTimeout:  peer.Patience,
		WriteBufferSize:   bufferBytes,
	}
	connection, response, err := dialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	return newSocket(connection, response.Header.Get("Sec-WebSocket-Extensions")), nil
}

func accept(response http.ResponseWriter, request *http.Request) (peer.Socket, error) {
	upgrader := websocket.Upgrader{EnableCompression: true, Subprotocols: peer.Subprotocols, WriteBufferSize: bufferBytes}
	witness := &answerWitness{ResponseWriter: response}
	connection, err := upgrader.Upgrade(witness, request, nil)
	if err != nil {
		return nil, err
	}
	return newSocket(connection, witness.header("Sec-WebSocket-Extensions")), nil
}

func newSocket(connection *websocket.Conn, extensions string) *socket {
	s := &socket{Conn: connection, pongs: make(chan string, 100), extensions: extensions}
	connection.SetReadLimit(peer.MaxMessageBytes)
	connection.SetPongHandler(func(payload string) error {
		s.pongs <- payload
		return nil
	})
	return s
}

func (s *socket) Extensions() string { return s.extensions }

func (s *socket) Send(message peer.Message) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.WriteMessage(opcode(message.Binary), message.Payload)
}

func (s *socket) SendFragments(binary bool, parts [][]byte, between func() error) error {
	s.sending.Lock()
	defer s.sending.Unlock()

	// Compressed, the parts would be no frames of their own.
	s.EnableWriteCompression(false)
	defer s.EnableWriteCompression(true)
	writer, err := s.NextWriter(opcode(binary))
	if err != nil {
		return err
	}
	for i, part := range parts {
		if i == 1 {
			// A client's buffer that is just full goes out with the next byte.
			if _, err = writer.Write(part[:1]); err == nil {
				err = between()
			}
			part = part[1:]
		}
		if err == nil {
			_, err = writer.Write(part)
		}
		if err != nil {
			return err
		}
	}
	return writer.Close()
}

func (s *socket) Receive() (peer.Message, error) {
	kind, payload, err := s.ReadMessage()
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return peer.Message{}, peer.Closed{Code: closed.Code, Reason: closed.Text}
	}
	if err != nil {
		return peer.Message{}, peer.Closed{Code: websocket.CloseAbnormalClosure}
	}
	return peer.Message{Binary: kind == websocket.BinaryMessage, Payload: payload}, nil
}

func (s *socket) Ping(payload []byte) error {
	if err := s.WriteControl(websocket.PingMessage, payload, time.Now().Add(peer.Patience)); err != nil {
		return err
	}
	select {
	case pong := <-s.pongs:
		if pong != string(payload) {
			return errors.New("the pong has another payload than the ping")
		}
		return nil
	case <-time.After(peer.Patience):
		return errors.New("no pong came")
	}
}

func (s *socket) Close(code int, reason string) {
	s.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(peer.Patience))
}

func (s *socket) End() { s.Conn.Close() }

func opcode(binary bool) int {
	if binary {
		return websocket.BinaryMessage
	}
	return websocket.TextMessage
}
