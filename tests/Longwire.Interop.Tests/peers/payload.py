"""The payload of a size, the same in each language: bytes that count up by a prime, or text with characters of 1 to 4 bytes."""


def payload(kind, size):
    if kind == "binary":
        return (bytes((i * 31) & 0xFF for i in range(256)) * (size // 256 + 1))[:size]
    pattern = "aé世👋".encode()
    return (pattern * (size // len(pattern)) + b"x" * (size % len(pattern))).decode()
