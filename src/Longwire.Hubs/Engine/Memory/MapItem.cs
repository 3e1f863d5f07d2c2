namespace Longwire.Hubs.Engines;

/// <summary>A key of a map. The room's lock guards it.</summary>
internal sealed class MapItem(string key) : Versioned
{
    /// <summary>About what a key takes beside its text and its value.</summary>
    public const int EnvelopeBytes = 160;

    public override string Key { get; } = key;

    public ReadOnlyMemory<byte> Value { get; set; }

    /// <summary>When it is removed; null for never.</summary>
    public MapExpiry? Expiry { get; set; }

    public int Bytes => EnvelopeBytes + (sizeof(char) * Key.Length) + Value.Length;
}
