using System.Diagnostics;
using System.Text;

namespace Longwire.Fuzzing;

/// <summary>
/// The opening handshake's headers (RFC 6455 §4): the server's judgement of a request, the client's of an answer, keys, origins,
/// subprotocols; each beside a judgement made of splits.
/// </summary>
/// <remarks>
/// Legal outcomes: a request is refused with the status that the table of rules gives, in words that hold nothing of it, or taken; an
/// origin is allowed only when it is, letter for letter but for ASCII's case, the host's or a listed one; a key is valid when it is the
/// base64 of 16 bytes and its own encoding. Never: an exception; a time that grows faster than the header.
/// </remarks>
internal sealed class HandshakeTarget : FuzzTarget
{
    private const char Separator = '\u001F';
    private const string Absent = "\u0001";
    private const int LongHeader = 64 << 10;

    private static readonly string[] _pieces =
    [
        "websocket",
        "WebSocket",
        "notwebsocket",
        "websocket/13",
        "upgrade",
        "keep-alive",
        "Upgrade",
        ",",
        ", ",
        " ",
        "\t",
        "\u00A0",
        "13",
        "8",
        "chat",
        "superchat",
        "dGhlIHNhbXBsZSBub25jZQ==",
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAB==",
        "=",
        "\r\n",
        "\0",
        "é",
        "\u212A",
        "permessage-deflate",
        ";",
        "\"",
        "://",
        ":80",
        ":443",
        "https://example.com",
        "http://example.com:8080",
        "null",
        "example.com",
        ".example.com",
        "a.",
        "*.",
        "[::1]",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ];

    private static readonly OriginRule _listed = OriginRule.Allow(
        "https://example.com",
        "https://*.example.com",
        "http://example.com:8080"
    );
    private long _checks;

    public override string Name => "handshake";

    public override byte[] Generate(Random random)
    {
        string[] fields =
        [
            random.Next(20) == 0 ? Noise(random) : "GET",
            Usual(random, "websocket", "WebSocket, h2c"),
            Usual(random, "Upgrade", "keep-alive, Upgrade"),
            Usual(random, "dGhlIHNhbXBsZSBub25jZQ==", Convert.ToBase64String(random.Bytes(random.Next(15, 18)))),
            Usual(random, "13", " 13 "),
            Usual(random, Absent, "chat, superchat"),
            Usual(random, Absent, "permessage-deflate; client_max_window_bits"),
            Usual(random, "https://example.com", "http://example.com:8080"),
            Usual(random, "example.com", "example.com:8080"),
            Usual(random, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "chat"),
        ];
        return [(byte)random.Next(256), .. Encoding.UTF8.GetBytes(string.Join(Separator, fields))];
    }

    public override string Check(byte[] input)
    {
        var reader = new InputReader(input);
        byte flags = reader.Byte();
        string?[] fields = [.. Encoding.UTF8.GetString(reader.Rest()).Split(Separator).Select(field => field == Absent ? null : field)];
        string? Field(int index) => index < fields.Length ? fields[index] : null;

        var request = new UpgradeRequest
        {
            Method = Field(0) ?? "",
            IsHttp11OrHigher = (flags & 7) != 0,
            IsExtendedConnect = (flags & 0x18) == 0x18,
            Upgrade = Field(1),
            Connection = Field(2),
            Key = Field(3),
            Version = Field(4),
            Subprotocols = Field(5),
            Extensions = Field(6),
        };
        HandshakeRefusal? refusal = ServerHandshake.Check(
            request,
            out IReadOnlyList<string> subprotocols,
            out IReadOnlyList<ExtensionOffer> extensions
        );
        int expected = NaiveHandshake.Status(request);
        Require(
            (refusal?.StatusCode ?? 101) == expected,
            $"The status is {refusal?.StatusCode ?? 101}, the naive judge says {expected}: {refusal?.Reason}"
        );
        Require(
            refusal is null || (refusal.Reason.Length is > 0 and < 124 && !refusal.Reason.Any(char.IsControl)),
            "A reason that does not fit"
        );
        CheckSubprotocols(request.Subprotocols, subprotocols, refusal);
        Require(refusal is null || extensions.Count == 0 || refusal.StatusCode == 400, "Extensions of a refused request");
        CheckKey(Field(3) ?? "");
        string client = CheckClient(Field(3) ?? "", Field(1), Field(2), Field(9));
        CheckOrigin(Field(7), Field(8));
        if (++_checks % 512 == 0)
        {
            CheckTime(input);
        }

        return $"{refusal?.StatusCode} {refusal?.Reason} {subprotocols.Count} {extensions.Count} {client}";
    }

    private static string Usual(Random random, string usual, string other) =>
        random.Next(10) switch
        {
            0 => Noise(random),
            1 => usual + random.Pick(_pieces),
            2 => random.Pick(_pieces) + usual,
            3 => Absent,
            < 6 => other,
            _ => usual,
        };

    private static string Noise(Random random)
    {
        var text = new StringBuilder();
        for (int count = random.Next(random.Next(20) == 0 ? 90 : 6); count > 0; count--)
        {
            text.Append(random.Pick(_pieces));
        }

        return text.ToString();
    }

    private static void CheckSubprotocols(string? header, IReadOnlyList<string> offered, HandshakeRefusal? refusal)
    {
        List<string>? naive = NaiveHandshake.Subprotocols(header);
        Require(
            SubprotocolNegotiation.TryParse(header, out IReadOnlyList<string> read) == (naive is not null),
            "The naive reader of subprotocols says otherwise"
        );
        Require(naive is null || naive.SequenceEqual(read), "The naive reader reads other subprotocols");
        Require(refusal is not null || offered.SequenceEqual(read), "Other subprotocols are handed on than read");
        string? chosen = SubprotocolNegotiation.Choose(["superchat", "chat"], read);
        Require(
            chosen is null ? !read.Contains("chat") && !read.Contains("superchat") : read.Contains(chosen),
            "A subprotocol that was not offered"
        );
    }

    private static void CheckKey(string key)
    {
        bool valid = HandshakeKey.IsValid(key);
        Require(valid == NaiveHandshake.IsKey(key), "The naive judge of keys says otherwise");
        if (valid)
        {
            Require(
                HandshakeKey.Accept(key).Length == 28 && HandshakeKey.Create(Convert.FromBase64String(key)) == key,
                "A valid key does not round-trip"
            );
        }
    }

    // The key is this client's own, so it is always a valid one.
    private static string CheckClient(string key, string? upgrade, string? connection, string? accept)
    {
        key = NaiveHandshake.IsKey(key) ? key : "dGhlIHNhbXBsZSBub25jZQ==";
        string? fault = ClientHandshake.Check(key, upgrade, connection, accept);
        bool right =
            NaiveHandshake.HasToken(upgrade, "websocket")
            && NaiveHandshake.HasToken(connection, "upgrade")
            && accept?.Trim(' ', '\t') == HandshakeKey.Accept(key);
        Require(right == (fault is null), $"The naive client says otherwise: {fault}");
        string? other = ClientHandshake.CheckSubprotocol(["chat", "superchat"], accept);
        Require((other is null) == (accept is null or "chat" or "superchat"), "The naive client judges the subprotocol otherwise");
        return fault ?? "right";
    }

    private static void CheckOrigin(string? origin, string? host)
    {
        Require(OriginRule.Any.Allows(origin, host), "Any allows every origin");
        foreach (OriginRule rule in (OriginRule[])[OriginRule.SameHost, _listed])
        {
            bool allowed = rule.Allows(origin, host);
            if (string.IsNullOrEmpty(origin))
            {
                Require(allowed, "A client that is no browser sends no origin");
                continue;
            }

            Require(!allowed || origin.All(char.IsAscii), "An origin that is not ASCII is allowed");
            string plain = origin.ToLowerInvariant();
            Require(
                !allowed
                    || (
                        rule == _listed
                            ? plain.Split("://")[1] is var authority && NaiveHandshake.IsListed(plain.Split("://")[0], authority)
                            : NaiveHandshake.IsSameHost(plain, (host ?? "").ToLowerInvariant())
                    ),
                "An origin is allowed that the naive judge does not allow"
            );
        }
    }

    // A quadratic reader would take seconds for this; the best of three tries forgives a busy machine.
    private static void CheckTime(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        string piece = text.Length == 0 ? "," : text[..Math.Min(text.Length, 40)];
        var long_ = new StringBuilder();
        while (long_.Length < LongHeader)
        {
            long_.Append(piece);
        }

        string header = long_.ToString();
        TimeSpan best = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 3 && best > TimeSpan.FromMilliseconds(150); attempt++)
        {
            long began = Stopwatch.GetTimestamp();
            HeaderTokens.Contains(header, "websocket");
            SubprotocolNegotiation.TryParse(header, out _);
            ExtensionHeader.TryParse(header, out _, out _);
            ExtensionHeader.TryParse("a;b=\"" + header, out _, out _);
            HandshakeKey.IsValid(header);
            OriginRule.SameHost.Allows("https://" + header, header);
            _listed.Allows("https://" + header, header);
            ClientHandshake.Check("dGhlIHNhbXBsZSBub25jZQ==", "websocket", header, header);
            TimeSpan time = Stopwatch.GetElapsedTime(began);
            best = time < best ? time : best;
        }

        Require(best <= TimeSpan.FromMilliseconds(150), $"Headers of {header.Length} characters take {best.TotalMilliseconds:F0} ms");
    }
}
