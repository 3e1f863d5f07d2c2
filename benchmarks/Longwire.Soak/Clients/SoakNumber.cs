namespace Longwire.Soak;

/// <summary>A message: which process of its room published it, and its number there.</summary>
internal sealed record SoakNumber(int Run, int Value)
{
    public override string ToString() => $"{Run}/{Value}";
}
