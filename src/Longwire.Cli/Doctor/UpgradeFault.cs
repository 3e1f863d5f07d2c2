using System.Net;
using Longwire.Cli.Connect;
using Longwire.Cli.Network;

namespace Longwire.Cli.Doctor;

/// <summary>Why an opening handshake failed, and what to do about it.</summary>
/// <param name="Step">Which step of the examination it belongs to.</param>
/// <param name="Cause">A word for machines.</param>
/// <param name="Detail">The failure.</param>
/// <param name="Advice">The remedy.</param>
/// <param name="ExitCode">The tool's exit code.</param>
internal sealed record UpgradeFault(string Step, string Cause, string Detail, string Advice, int ExitCode)
{
    private const string NginxAdvice =
        "A proxy on the way drops them. nginx needs, at this location:\n"
        + "proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection \"upgrade\";";

    public static async Task<UpgradeFault> ExplainAsync(
        WebSocketHandshakeException exception,
        DoctorOptions options,
        UpgradeAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        int exitCode = Refusal.ExitCodeFor(exception);
        if (exception.StatusCode is { } status)
        {
            if (status == HttpStatusCode.Forbidden && await ExplainOriginAsync(options, attempt, cancellationToken) is { } origin)
            {
                return origin;
            }

            return IsPlainRequestToTlsPort(exception) ? TlsWanted(options) : OfStatus(exception, status, exitCode);
        }

        bool isTls = options.Address.Scheme is "wss" or "https";
        bool mayWantTls = !isTls && exitCode is not Cli.ExitCode.Timeout;
        if (mayWantTls && await TlsProbe.SpeaksTlsAsync(options.Address, options.Network, options.Patience, cancellationToken))
        {
            return TlsWanted(options);
        }

        return exitCode switch
        {
            Cli.ExitCode.Timeout => new UpgradeFault(
                "upgrade",
                "no-answer",
                exception.Message,
                "The server takes connections and doesn't answer: is it overloaded, or does it wait for something else than HTTP?",
                exitCode
            ),
            Cli.ExitCode.Tls => new UpgradeFault("tls", "tls-failed", exception.Message, "", exitCode),
            Cli.ExitCode.ProtocolError => new UpgradeFault(
                "upgrade",
                "not-http",
                exception.Message,
                "What listens there is no web server.",
                exitCode
            ),
            _ => new UpgradeFault(
                NetworkClient.IsOfTunnel(exception) ? "proxy" : "upgrade",
                NetworkClient.IsOfTunnel(exception) ? "proxy-refused" : "cut",
                exception.Message,
                isTls && !NetworkClient.IsOfTunnel(exception) ? "Does the server want a certificate of its clients? --cert names one." : "",
                exitCode
            ),
        };
    }

    private static UpgradeFault TlsWanted(DoctorOptions options) =>
        new(
            "tls",
            "tls-wanted",
            "The port speaks TLS, and the address says ws://.",
            $"Try wss://{options.Address.Authority}{options.Address.AbsolutePath}",
            Cli.ExitCode.Tls
        );

    private static UpgradeFault OfStatus(WebSocketHandshakeException exception, HttpStatusCode status, int exitCode)
    {
        string answer = $"The server answered {(int)status} {status}.";
        return status switch
        {
            HttpStatusCode.SwitchingProtocols => new(
                "upgrade",
                "not-websocket",
                exception.Message,
                "What answers is no WebSocket server.",
                exitCode
            ),
            _ when WantsUpgrade(exception) => new(
                "proxy",
                "upgrade-stripped",
                $"{answer} It asks for an upgrade, so the headers Upgrade and Connection, which were sent, didn't reach it.",
                NginxAdvice,
                exitCode
            ),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Gone => new(
                "upgrade",
                "wrong-path",
                answer,
                "Is the path right? The server speaks HTTP, and has no WebSocket there.",
                exitCode
            ),
            HttpStatusCode.OK or HttpStatusCode.NoContent => new(
                "upgrade",
                "plain-http",
                $"{answer} It took the request for one of a page.",
                "Is the path right? If it is, something on the way drops Upgrade and Connection. " + NginxAdvice,
                exitCode
            ),
            HttpStatusCode.Unauthorized => new(
                "upgrade",
                "unauthorized",
                answer,
                "It wants to know who you are: --auth user:password, --bearer TOKEN, --cookie, or a header by -H.",
                exitCode
            ),
            HttpStatusCode.Forbidden => new(
                "upgrade",
                "forbidden",
                answer,
                "Neither another origin nor none helps: look at the server's log.",
                exitCode
            ),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => new(
                "upgrade",
                "overloaded",
                answer,
                "It takes no more connections now.",
                exitCode
            ),
            HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => new(
                "proxy",
                "bad-gateway",
                answer,
                "A proxy answers for a server that it can't reach: is that one running?",
                exitCode
            ),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new(
                "upgrade",
                "redirect",
                $"{answer} Location: {Header(exception, "Location")}",
                "Connect to that address; browsers don't follow redirects here.",
                exitCode
            ),
            _ => new("upgrade", "refused", $"{answer} {FirstLine(exception.Body)}".TrimEnd(), "Look at the server's log.", exitCode),
        };
    }

    // The request did ask for it. Only what never saw that answers so.
    private static bool WantsUpgrade(WebSocketHandshakeException exception) =>
        exception.StatusCode == HttpStatusCode.UpgradeRequired
        || (
            exception.StatusCode == HttpStatusCode.BadRequest
            && (
                Header(exception, "Upgrade").Length > 0
                || exception.Body.Contains("upgrade", StringComparison.OrdinalIgnoreCase)
                || exception.Body.Contains("websocket", StringComparison.OrdinalIgnoreCase)
            )
        );

    private static bool IsPlainRequestToTlsPort(WebSocketHandshakeException exception) =>
        exception.StatusCode == HttpStatusCode.BadRequest
        && (
            exception.Body.Contains("to HTTPS port", StringComparison.OrdinalIgnoreCase)
            || exception.Body.Contains("HTTP request to an HTTPS server", StringComparison.OrdinalIgnoreCase)
        );

    private static async Task<UpgradeFault?> ExplainOriginAsync(
        DoctorOptions options,
        UpgradeAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        KeyValuePair<string, string>[] without =
        [
            .. options.Headers.Where(static header => !header.Key.Equals("Origin", StringComparison.OrdinalIgnoreCase)),
        ];
        string scheme = options.Address.Scheme is "wss" or "https" ? "https" : "http";
        string own = $"{scheme}://{options.Address.Authority}";
        string? given = options
            .Headers.FirstOrDefault(static header => header.Key.Equals("Origin", StringComparison.OrdinalIgnoreCase))
            .Value;
        bool isOwnTaken = await attempt.WouldOpenAsync([.. without, KeyValuePair.Create("Origin", own)], cancellationToken);
        if (!isOwnTaken && (given is null || !await attempt.WouldOpenAsync(without, cancellationToken)))
        {
            return null;
        }

        return given is null
            ? new UpgradeFault(
                "origin",
                "origin-wanted",
                "The server answered 403 without an Origin.",
                $"It takes -o {own}.",
                Cli.ExitCode.UpgradeRefused
            )
            : new UpgradeFault(
                "origin",
                "origin-refused",
                $"The server refuses the origin {given}.",
                $"Add it to the server's list of origins. It takes {(isOwnTaken ? own : "clients without one")}.",
                Cli.ExitCode.UpgradeRefused
            );
    }

    private static string Header(WebSocketHandshakeException exception, string name) =>
        exception.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    private static string FirstLine(string body) => body.Split('\n')[0].Trim();
}
