namespace Longwire.Protocol;

/// <summary>
/// One element of a <c>Sec-WebSocket-Extensions</c> header: an extension's name and its parameters. In a request it is an offer, in a
/// response it is what the server accepted; the grammar is the same (RFC 6455 §9.1). Immutable.
/// </summary>
public sealed class ExtensionOffer
{
    /// <summary>Creates an offer.</summary>
    /// <param name="name">The extension's name, a token.</param>
    /// <param name="parameters">Its parameters, in the order of the header. Duplicates are kept: to judge them is the extension's
    /// business.</param>
    public ExtensionOffer(string name, params ExtensionParameter[] parameters)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(parameters);
        Name = name;
        Parameters = parameters;
    }

    /// <summary>The extension's name, as the peer wrote it. Compare it with <see cref="Is"/>.</summary>
    public string Name { get; }

    /// <summary>
    /// The parameters, in the order of the header, duplicates included. At most <see cref="ExtensionHeader.MaxParameters"/> when parsed.
    /// </summary>
    public IReadOnlyList<ExtensionParameter> Parameters { get; }

    /// <summary>Whether this is the named extension. Names are compared without regard to case.</summary>
    /// <param name="name">The extension's name, for example <c>permessage-deflate</c>.</param>
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the offer as it stands in the header, for example <c>permessage-deflate; client_max_window_bits</c>.</summary>
    public override string ToString() => Parameters.Count == 0 ? Name : $"{Name}; {string.Join("; ", Parameters)}";
}
