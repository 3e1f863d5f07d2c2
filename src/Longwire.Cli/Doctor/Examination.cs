using System.Diagnostics;
using System.Net.Sockets;
using Longwire.Client;

namespace Longwire.Cli.Doctor;

/// <summary>Looks at one thing after the other, until one is found that keeps the rest from working.</summary>
internal sealed class Examination(DoctorOptions options, DoctorReport report)
{
    private readonly List<Check> _checks = [];
    private readonly string _host = options.Address.IdnHost;
    private int _exitCode;
    private long _began;

    private bool IsTls => options.Address.Scheme is "wss" or "https";

    public async Task<Diagnosis> RunAsync(CancellationToken cancellationToken)
    {
        (Uri Address, string Source)? proxy = options.Network.ProxyFor(options.Address);
        if (proxy is var (address, source))
        {
            Begin();
            await ReachAsync(
                address.Host.Trim('[', ']'),
                address.Port,
                $"proxy {address.Host}:{address.Port}, by {source}",
                "proxy",
                cancellationToken
            );
        }
        else
        {
            await LookUpAsync(cancellationToken);
        }

        if (_exitCode == 0 && IsTls && proxy is null)
        {
            await CheckTlsAsync(cancellationToken);
        }

        if (_exitCode == 0)
        {
            await UpgradeAsync(cancellationToken);
        }

        string url = options.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return new Diagnosis(url, _checks, _exitCode);
    }

    private void Begin() => _began = Stopwatch.GetTimestamp();

    private void Add(string name, CheckResult result, string cause, string detail, string advice = "", int exitCode = 0)
    {
        var check = new Check(name, result, cause, detail, advice, Stopwatch.GetElapsedTime(_began).TotalMilliseconds);
        _checks.Add(check);
        report.Add(check);
        if (result == CheckResult.Failed && _exitCode == 0)
        {
            _exitCode = exitCode;
        }
    }

    private async Task LookUpAsync(CancellationToken cancellationToken)
    {
        Begin();
        try
        {
            System.Net.IPAddress[] addresses = await System.Net.Dns.GetHostAddressesAsync(_host, cancellationToken);
            Add("name", CheckResult.Ok, "", $"{_host} is {string.Join(", ", addresses.Select(static address => address.ToString()))}");
        }
        catch (SocketException exception)
        {
            Add(
                "name",
                CheckResult.Failed,
                "name-unknown",
                $"The name '{_host}' can't be resolved: {exception.Message}.",
                "Is it spelled right? Does this machine's DNS know it (a VPN, /etc/hosts)?",
                ExitCode.NameOrTcp
            );
            return;
        }

        Begin();
        await ReachAsync(_host, options.Address.Port, $"{_host}:{options.Address.Port}", "tcp", cancellationToken);
    }

    private async Task ReachAsync(string host, int port, string what, string name, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        try
        {
            using Socket socket = await TcpDialer.ConnectAsync(host, port, patience.Token);
            Add(name, CheckResult.Ok, "", $"{what} takes connections ({socket.RemoteEndPoint})");
        }
        catch (SocketException exception)
        {
            bool refused = exception.SocketErrorCode == SocketError.ConnectionRefused;
            Add(
                name,
                CheckResult.Failed,
                name == "proxy" ? "proxy-unreachable"
                    : refused ? "tcp-refused"
                    : "tcp-unreachable",
                refused ? $"Nothing listens at {what}: connection refused." : $"{what}: {exception.Message}.",
                name == "proxy" ? "Is the variable right? --no-proxy connects directly."
                    : refused ? "Is the server running, on this port, and not on another machine's loopback?"
                    : "Is there a route, and does no firewall block it?",
                ExitCode.NameOrTcp
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Add(
                name,
                CheckResult.Failed,
                "tcp-silent",
                $"{what} doesn't answer within {options.Patience.TotalSeconds:0.##} s.",
                "A firewall may drop what is sent to this port.",
                ExitCode.Timeout
            );
        }
    }

    private async Task CheckTlsAsync(CancellationToken cancellationToken)
    {
        Begin();
        TlsFinding finding = await TlsProbe.RunAsync(options.Address, options.Network, options.Patience, cancellationToken);
        bool failed = finding.Cause.Length > 0 && !(options.Network.Insecure && finding.IsCertificate);
        Add(
            "tls",
            failed ? CheckResult.Failed
                : finding.Cause.Length > 0 ? CheckResult.Warning
                : CheckResult.Ok,
            finding.Cause,
            finding.Detail,
            finding.Advice,
            ExitCode.Tls
        );
    }

    private async Task UpgradeAsync(CancellationToken cancellationToken)
    {
        Begin();
        var attempt = new UpgradeAttempt(options);
        var echo = new EchoWatch(options.MessageBytes);
        WebSocketConnection connection;
        try
        {
            connection = await attempt.OpenAsync(options.Headers, cancellationToken, echo);
        }
        catch (WebSocketHandshakeException exception)
        {
            UpgradeFault fault = await UpgradeFault.ExplainAsync(exception, options, attempt, cancellationToken);
            Add(fault.Step, CheckResult.Failed, fault.Cause, fault.Detail, fault.Advice, fault.ExitCode);
            return;
        }
        catch (ArgumentException exception)
        {
            Add("upgrade", CheckResult.Failed, "usage", exception.Message, "", ExitCode.Usage);
            return;
        }

        Add("upgrade", CheckResult.Ok, "", "101 Switching Protocols");
        AddAgreements(connection);
        await CheckOriginAsync(attempt, cancellationToken);
        var visit = new Visit(options, connection, echo, Begin, Add);
        await visit.RunAsync(cancellationToken);
    }

    private void AddAgreements(WebSocketConnection connection)
    {
        Begin();
        if (options.Subprotocols.Count > 0)
        {
            bool chosen = connection.Subprotocol is not null;
            Add(
                "subprotocol",
                chosen ? CheckResult.Ok : CheckResult.Warning,
                chosen ? "" : "subprotocol-ignored",
                chosen
                    ? $"The server chose {connection.Subprotocol}."
                    : $"The server chose none of {string.Join(", ", options.Subprotocols)}.",
                chosen ? "" : "A browser goes on without; a client that needs one should close."
            );
        }

        Add(
            "extensions",
            CheckResult.Ok,
            "",
            connection.Deflate is { } deflate
                ? $"compressed ({deflate})"
                : "no compression: the server declined, or something on the way did"
        );
    }

    // The reach of a page of another site, with this visitor's cookies.
    private async Task CheckOriginAsync(UpgradeAttempt attempt, CancellationToken cancellationToken)
    {
        Begin();
        KeyValuePair<string, string>[] foreign =
        [
            .. options.Headers.Where(static header => !header.Key.Equals("Origin", StringComparison.OrdinalIgnoreCase)),
            KeyValuePair.Create("Origin", "https://longwire-doctor.invalid"),
        ];
        try
        {
            WebSocketConnection connection = await attempt.OpenAsync(foreign, cancellationToken);
            connection.Abort();
            Add(
                "origin",
                CheckResult.Warning,
                "origin-any",
                "Pages of any site may connect.",
                "If cookies sign in, check the header Origin on the server (RFC 6455 §10.2)."
            );
        }
        catch (WebSocketHandshakeException exception)
        {
            Add("origin", CheckResult.Ok, "", $"Pages of other sites are refused ({(int?)exception.StatusCode}).");
        }
    }
}
