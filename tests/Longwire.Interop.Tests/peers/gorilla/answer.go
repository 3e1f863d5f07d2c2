package main

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"net/textproto"
)

// answerWitness keeps the answer to a handshake, which the library writes past net/http and doesn't tell.
type answerWitness struct {
	http.ResponseWriter
	answer []byte
}

func (w *answerWitness) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffers, err := w.ResponseWriter.(http.Hijacker).Hijack()
	return witnessed{connection, w}, buffers, err
}

func (w *answerWitness) header(name string) string {
	_, lines, _ := bytes.Cut(w.answer, []byte("\r\n"))
	header, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(lines))).ReadMIMEHeader()
	return header.Get(name)
}

type witnessed struct {
	net.Conn
	witness *answerWitness
}

func (w witnessed) Write(bytes []byte) (int, error) {
	if w.witness.answer == nil {
		w.witness.answer = append([]byte(nil), bytes...)
	}
	return w.Conn.Write(bytes)
}
