using System.CommandLine;

namespace Longwire.Cli.Network;

/// <summary>The options of a command that say how a server is reached.</summary>
internal sealed class NetworkArguments
{
    private static readonly string[] _proxySchemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Option<bool> _insecure = new("--no-check", "-n", "-k", "--insecure")
    {
        Description = "Take any certificate of the server.",
    };

    private readonly Option<string?> _authority = new("--ca")
    {
        Description = "Certificates in PEM that the server's has to come from.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificate = new("--cert")
    {
        Description = "This client's certificate: PEM, or PFX with its key.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--key") { Description = "The certificate's key in PEM.", HelpName = "FILE" };

    private readonly Option<string?> _passphrase = new("--passphrase")
    {
        Description = "What the key is encrypted with; asked for when no value is given.",
        HelpName = "TEXT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _serverName = new("--sni", "--tls-domain")
    {
        Description = "The server's name in TLS, if not the address's.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _proxy = new("--proxy")
    {
        Description =
            "An HTTP or SOCKS proxy, as host:port or with http://, socks5://. Default: http_proxy, https_proxy, all_proxy; no_proxy.",
        HelpName = "URL",
    };

    private readonly Option<bool> _noProxy = new("--no-proxy") { Description = "No proxy, whatever the environment says." };

    public void AddTo(Command command) =>
        command.AddGroup("TLS and proxies", _insecure, _authority, _certificate, _key, _passphrase, _serverName, _proxy, _noProxy);

    /// <summary>The options that the user typed to reach an address.</summary>
    /// <exception cref="FormatException">It can't be.</exception>
    public NetworkOptions Read(ParseResult parsed, Uri address)
    {
        Uri? proxy = null;
        if (parsed.GetValue(_proxy) is { } typed)
        {
            string full = typed.Contains("://", StringComparison.Ordinal) ? typed : $"http://{typed}";
            // The server's name is the proxy's to look up in any case.
            full = full.Replace("socks5h://", "socks5://", StringComparison.OrdinalIgnoreCase);
            if (!Uri.TryCreate(full, UriKind.Absolute, out proxy) || proxy.Host.Length == 0 || !_proxySchemes.Contains(proxy.Scheme))
            {
                // It may have a password in it.
                throw new FormatException(
                    "--proxy takes host:port, http://host:port, https://host:port, socks5://host:port, socks4a:// or socks4://."
                );
            }
        }

        bool asks = parsed.GetResult(_passphrase) is { Implicit: false } && parsed.GetValue(_passphrase) is null;
        var options = new NetworkOptions
        {
            Insecure = parsed.GetValue(_insecure),
            AuthorityFile = parsed.GetValue(_authority),
            CertificateFile = parsed.GetValue(_certificate),
            KeyFile = parsed.GetValue(_key),
            Passphrase = asks ? Terminal.PassphrasePrompt.Ask() : parsed.GetValue(_passphrase),
            ServerName = parsed.GetValue(_serverName),
            Proxy = proxy,
            UseProxy = !parsed.GetValue(_noProxy),
        };
        if (options.KeyFile is not null && options.CertificateFile is null)
        {
            throw new FormatException("--key needs --cert.");
        }

        if (options.ServerName is not null && options.ProxyFor(address) is var (_, source))
        {
            throw new FormatException($"--sni has no effect through a proxy, which {source} names: --no-proxy connects directly.");
        }

        // A certificate that can't be read is found before anything is connected.
        _ = TlsOptions.Create(options);
        return options;
    }
}
