package peer

import "bytes"

// Payload is the payload of a size, the same in each language: bytes that count up by a prime, or text with characters of 1 to 4 bytes.
func Payload(kind string, size int) []byte {
	payload := make([]byte, size)
	if kind == "binary" {
		for i := range payload {
			payload[i] = byte(i * 31)
		}
		return payload
	}
	pattern := []byte("aé世👋")
	copy(payload, bytes.Repeat(pattern, size/len(pattern)))
	copy(payload[size-size%len(pattern):], bytes.Repeat([]byte("x"), len(pattern)))
	return payload
}

// Parts cuts a payload into so many parts.
func Parts(payload []byte, count int) [][]byte {
	size := (len(payload) + count - 1) / count
	var parts [][]byte
	for len(payload) > size {
		parts = append(parts, payload[:size])
		payload = payload[size:]
	}
	return append(parts, payload)
}
