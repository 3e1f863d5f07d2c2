// nhooyr.io/websocket as a peer of the tests: "nhooyr server [takeover]", or "nhooyr client URL CASE [ARGUMENT ...]". The client offers
// compression without context takeover, unless the URL ends with "?takeover" or "?uncompressed".
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	"../peer"
	"nhooyr.io/websocket"
)

type socket struct {
	*websocket.Conn
	extensions string
}

func main() {
	if os.Args[1] == "server" {
		var compression peer.Compression
		if len(os.Args) > 2 {
			compression = peer.Compression(os.Args[2])
		}
		peer.RunServer(func(response http.ResponseWriter, request *http.Request) (peer.Socket, error) {
			connection, err := websocket.Accept(response, request, &websocket.AcceptOptions{
				Subprotocols:    peer.Subprotocols,
				CompressionMode: mode(compression),
			})
			return newSocket(connection, response.Header()), err
		})
	} else {
		peer.RunClient(dial, os.Args[2:])
	}
}

func dial(url string, compression peer.Compression, subprotocols []string) (peer.Socket, error) {
	handshake, cancel := context.WithTimeout(context.Background(), peer.Patience)
	defer cancel()
	connection, response, err := websocket.Dial(handshake, url, &websocket.DialOptions{
		Subprotocols:    subprotocols,
		CompressionMode: mode(compression),
	})
	if err != nil {
		return nil, err
	}
	return newSocket(connection, response.Header), nil
}

func newSocket(connection *websocket.Conn, header http.Header) *socket {
	if connection != nil {
		connection.SetReadLimit(peer.MaxMessageBytes)
	}
	return &socket{connection, header.Get("Sec-WebSocket-Extensions")}
}

func (s *socket) Extensions() string { return s.extensions }

func (s *socket) Send(message peer.Message) error {
	return s.Write(context.Background(), messageType(message.Binary), message.Payload)
}

func (s *socket) SendFragments(binary bool, parts [][]byte, between func() error) error {
	writer, err := s.Writer(context.Background(), messageType(binary))
	if err != nil {
		return err
	}
	for i, part := range parts {
		if i == 1 {
			if err := between(); err != nil {
				return err
			}
		}
		if _, err := writer.Write(part); err != nil {
			return err
		}
	}
	return writer.Close()
}

func (s *socket) Receive() (peer.Message, error) {
	kind, payload, err := s.Read(context.Background())
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		return peer.Message{}, peer.Closed{Code: int(closed.Code), Reason: closed.Reason}
	}
	if err != nil {
		return peer.Message{}, peer.Closed{Code: int(websocket.StatusAbnormalClosure)}
	}
	return peer.Message{Binary: kind == websocket.MessageBinary, Payload: payload}, nil
}

// The library counts its pings in their payloads, and compares those of the pongs.
func (s *socket) Ping([]byte) error {
	patience, cancel := context.WithTimeout(context.Background(), peer.Patience)
	defer cancel()
	return s.Conn.Ping(patience)
}

// The library waits for the answer to its Close frame, and who receives sees it.
func (s *socket) Close(code int, reason string) { go s.Conn.Close(websocket.StatusCode(code), reason) }

// The library ends TCP when the context of what it writes has ended.
func (s *socket) End() {
	ended, end := context.WithCancel(context.Background())
	end()
	s.Conn.Ping(ended)
}

func mode(compression peer.Compression) websocket.CompressionMode {
	switch compression {
	case peer.Uncompressed:
		return websocket.CompressionDisabled
	case peer.Takeover:
		return websocket.CompressionContextTakeover
	default:
		return websocket.CompressionNoContextTakeover
	}
}

func messageType(binary bool) websocket.MessageType {
	if binary {
		return websocket.MessageBinary
	}
	return websocket.MessageText
}
