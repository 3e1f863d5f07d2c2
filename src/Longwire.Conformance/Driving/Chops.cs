namespace Longwire.Conformance;

/// <summary>How the octets are cut into writes: the same octets, however they are cut.</summary>
internal readonly record struct Chops(bool PerFrame, int Size)
{
    /// <summary>All in one write.</summary>
    public static Chops Whole => default;

    /// <summary>A write for each frame.</summary>
    public static Chops Frames => new(true, 0);

    /// <summary>A write for each octet.</summary>
    public static Chops Octets => new(false, 1);

    /// <summary>Writes of a size.</summary>
    public static Chops Of(int size) => new(false, size);
}
