namespace Longwire.Protocol;

/// <summary>One parameter of an extension: a name, and perhaps a value (RFC 6455 §9.1, <c>extension-param</c>).</summary>
/// <param name="Name">The name, as the peer wrote it. Compare it without regard to case.</param>
/// <param name="Value">The value without quotes and escapes, or <see langword="null"/> when there is none. It is always a token, never
/// empty.</param>
public readonly record struct ExtensionParameter(string Name, string? Value = null)
{
    /// <summary>Whether this parameter has the given name. Names are compared without regard to case.</summary>
    /// <param name="name">The name to compare with.</param>
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the parameter as it stands in the header.</summary>
    public override string ToString() => Value is null ? Name : $"{Name}={Value}";
}
