using System.Net;

namespace Longwire.Cli.Network;

/// <summary>How a command reaches a server.</summary>
internal sealed record NetworkOptions
{
    /// <summary>Whether the server's certificate may be anything.</summary>
    public bool Insecure { get; init; }

    /// <summary>A file of certificates, in PEM, that the server's has to come from; null for the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The client's certificate, in PEM or PFX.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its key in PEM, where it is in a file of its own.</summary>
    public string? KeyFile { get; init; }

    public string? Passphrase { get; init; }

    /// <summary>The server's name in TLS (SNI), where it isn't that of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>The proxy; null for the environment's.</summary>
    public Uri? Proxy { get; init; }

    public bool UseProxy { get; init; } = true;

    /// <summary>Which proxy an address is reached by, and what says so; null for none.</summary>
    public (Uri Address, string Source)? ProxyFor(Uri address)
    {
        if (!UseProxy)
        {
            return null;
        }

        if (Proxy is not null)
        {
            return (Proxy, "--proxy");
        }

        bool isTls = address.Scheme is "wss" or "https";
        var asked = new UriBuilder(address) { Scheme = isTls ? "https" : "http", Port = address.Port };
        if (HttpClient.DefaultProxy.IsBypassed(asked.Uri) || HttpClient.DefaultProxy.GetProxy(asked.Uri) is not { } proxy)
        {
            return null;
        }

        string[] names = isTls
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
        string source =
            names.FirstOrDefault(static name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }) ?? "the system's settings";
        return (proxy, source);
    }

    /// <summary>The same for <see cref="SocketsHttpHandler"/>.</summary>
    public IWebProxy? ToWebProxy()
    {
        if (Proxy is null)
        {
            return null;
        }

        var proxy = new WebProxy(Proxy);
        if (Proxy.UserInfo.Length > 0)
        {
            string[] user = Uri.UnescapeDataString(Proxy.UserInfo).Split(':', 2);
            proxy.Credentials = new NetworkCredential(user[0], user.Length > 1 ? user[1] : "");
        }

        return proxy;
    }
}
