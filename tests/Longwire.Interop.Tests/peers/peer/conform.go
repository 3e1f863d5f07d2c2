package peer

import (
	"fmt"
	"strings"
)

// runConformance echoes in each case of "longwire conform client" at a URL such as ws://127.0.0.1:9001.
func runConformance(dial func(url string, compression Compression, subprotocols []string) (Socket, error), base string, agent string) {
	count := number(ask(dial, base+"/getCaseCount"))
	for i := 1; i <= count; i++ {
		echoAll(dial, fmt.Sprintf("%s/runCase?case=%d&agent=%s", base, i, agent))
	}
	ask(dial, base+"/updateReports?agent="+agent)
}

func ask(dial func(url string, compression Compression, subprotocols []string) (Socket, error), url string) string {
	socket, err := dial(url, compressionOf(url), nil)
	check(err)
	defer socket.End()
	var answer strings.Builder
	for {
		message, err := socket.Receive()
		if err != nil {
			return answer.String()
		}
		answer.Write(message.Payload)
	}
}

// That a connection fails is what some of the cases are about.
func echoAll(dial func(url string, compression Compression, subprotocols []string) (Socket, error), url string) {
	socket, err := dial(url, compressionOf(url), nil)
	if err != nil {
		return
	}
	defer socket.End()
	for {
		message, err := socket.Receive()
		if err != nil || socket.Send(message) != nil {
			return
		}
	}
}
