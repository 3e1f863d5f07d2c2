package peer

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Subprotocols are what a server speaks.
var Subprotocols = []string{"superchat", "chat"}

// RunServer serves an echo on loopback until the process ends. It prints "listening PORT", and for each connection "opened EXTENSIONS",
// "subprotocol NAME" and "closed CODE REASON".
//
// A text message that begins with "!" is an order: !close CODE REASON, !end, !ping TEXT, !fragments COUNT SIZE.
func RunServer(accept func(http.ResponseWriter, *http.Request) (Socket, error)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	check(http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		socket, err := accept(response, request)
		if err != nil {
			fmt.Println("refused", err)
			return
		}
		serve(socket)
	})))
}

func serve(socket Socket) {
	defer socket.End()
	fmt.Println("subprotocol", socket.Subprotocol())
	fmt.Println("opened", extensionNames(socket.Extensions()))
	for {
		message, err := socket.Receive()
		if closed, ok := err.(Closed); ok {
			fmt.Printf("closed %d %s\n", closed.Code, closed.Reason)
			return
		}
		check(err)
		if !message.Binary && strings.HasPrefix(string(message.Payload), "!") {
			obey(socket, string(message.Payload[1:]))
		} else if err := socket.Send(message); err != nil {
			fmt.Println("failed", err)
			return
		}
	}
}

func obey(socket Socket, order string) {
	name, rest, _ := strings.Cut(order, " ")
	switch name {
	case "close":
		code, reason, _ := strings.Cut(rest, " ")
		if code == "" {
			code = "1005"
		}
		socket.Close(number(code), reason)
	case "end":
		socket.End()
	case "ping":
		// The pong is read by the same connection, so this must not wait for it here.
		go func() {
			check(socket.Ping([]byte(rest)))
			check(socket.Send(Message{false, []byte("pong " + rest)}))
		}()
	case "fragments":
		count, size, _ := strings.Cut(rest, " ")
		check(socket.SendFragments(false, Parts(Payload("text", number(size)), number(count)), func() error {
			go func() { check(socket.Ping([]byte("between"))) }()
			return nil
		}))
	default:
		fail("There is no order '%s'.", name)
	}
}
