using System.Runtime.CompilerServices;

namespace Longwire.Protocol;

/// <summary>Checks of what the application configures.</summary>
internal static class DeflateArgument
{
    public static int InRange(int value, int least, int most, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
        return value;
    }
}
