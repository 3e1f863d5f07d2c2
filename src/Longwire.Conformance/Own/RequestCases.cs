namespace Longwire.Conformance;

/// <summary>20.1: the request of the opening handshake, each part of it wrong in turn.</summary>
internal static class RequestCases
{
    private const string Key = "Sec-WebSocket-Key";
    private const string Version = "Sec-WebSocket-Version";

    public static IEnumerable<ConformanceCase> All() => [.. Good(), .. Lines(), .. Keys(), .. Versions()];

    private static IEnumerable<ConformanceCase> Good()
    {
        yield return Upgrade.Accepted(
            "20.1.1",
            "The plainest request.",
            Upgrade.As,
            answer =>
                answer.Find("Sec-WebSocket-Protocol") is not null ? "The answer has a subprotocol that nobody offered."
                : answer.Find(ExtensionHeader.HeaderName) is not null ? "The answer has an extension that nobody offered."
                : null
        );
        yield return Upgrade.Accepted(
            "20.1.2",
            "Odd case and lists: 'uPGRADE: WebSocket', 'CONNECTION: keep-alive,  UPGRADE'.",
            request =>
                request with
                {
                    Headers =
                    [
                        .. request.Headers.Select(h =>
                            h.Key switch
                            {
                                "Upgrade" => new("uPGRADE", "WebSocket"),
                                "Connection" => new("CONNECTION", "keep-alive,  UPGRADE"),
                                _ => h,
                            }
                        ),
                    ],
                }
        );
        yield return Upgrade.Accepted(
            "20.1.3",
            "'Connection' as two headers: 'keep-alive' and 'Upgrade'.",
            request => request.With("Connection", "keep-alive").Plus("Connection", "Upgrade")
        );
        yield return Upgrade.AcceptedIfStrict(
            "20.1.4",
            "'Upgrade' as a list with another protocol: 'example/1, websocket'.",
            request => request.With("Upgrade", "example/1, websocket"),
            "RFC 9110 §7.8"
        );
    }

    private static IEnumerable<ConformanceCase> Lines()
    {
        yield return Upgrade.Refused(
            "20.1.10",
            "POST instead of GET.",
            r => (r with { Method = "POST" }).Plus("Content-Length", "0"),
            [405]
        );
        yield return Upgrade.Refused("20.1.11", "HTTP/1.0.", r => r with { Version = "HTTP/1.0" }, [400]);
        yield return Upgrade.Refused("20.1.12", "No 'Upgrade' header.", r => r.Without("Upgrade"), []);
        yield return Upgrade.Refused("20.1.13", "'Upgrade: notwebsocket'.", r => r.With("Upgrade", "notwebsocket"), []);
        yield return Upgrade.Refused("20.1.14", "'Upgrade: websocket/x'.", r => r.With("Upgrade", "websocket/x"), []);
        yield return Upgrade.Refused("20.1.15", "No 'Connection' header.", r => r.Without("Connection"), []);
        yield return Upgrade.Refused("20.1.16", "'Connection: notupgrade'.", r => r.With("Connection", "notupgrade"), []);
        yield return Upgrade.Refused("20.1.17", "'Connection: keep-alive' only.", r => r.With("Connection", "keep-alive"), []);
    }

    private static IEnumerable<ConformanceCase> Keys()
    {
        yield return Upgrade.Refused("20.1.20", "No key.", r => r.Without(Key), [400]);
        yield return Upgrade.Refused(
            "20.1.21",
            "Two keys.",
            r => r.Plus(Key, HandshakeRequest.NewKey()),
            [400],
            section: "RFC 6455 §11.3.1"
        );
        yield return Upgrade.Refused("20.1.22", "An empty key.", r => r.With(Key, ""), [400]);
        yield return Upgrade.Refused("20.1.23", "A key of 15 octets.", r => r.With(Key, HandshakeRequest.NewKey(15)), [400]);
        yield return Upgrade.Refused("20.1.24", "A key of 17 octets.", r => r.With(Key, HandshakeRequest.NewKey(17)), [400]);
        yield return Upgrade.Refused("20.1.25", "A key that is not base64.", r => r.With(Key, "!!!!!!!!!!!!!!!!!!!!!!=="), [400]);
        yield return Upgrade.Refused("20.1.26", "A key of 1000 octets.", r => r.With(Key, HandshakeRequest.NewKey(1000)), [400]);
    }

    private static IEnumerable<ConformanceCase> Versions()
    {
        const string Section = "RFC 6455 §4.4";
        yield return Upgrade.Refused("20.1.30", "No version.", r => r.Without(Version), [426], section: "RFC 6455 §4.2.1");
        yield return Upgrade.RefusedIfStrict("20.1.31", "Version 8, a draft's.", r => r.With(Version, "8"), [426], Section);
        yield return Upgrade.Refused("20.1.32", "Version 14.", r => r.With(Version, "14"), [426], Version, Section);
        yield return Upgrade.Refused("20.1.33", "Version '13x'.", r => r.With(Version, "13x"), [426], Version, Section);
    }
}
