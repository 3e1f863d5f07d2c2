using System.ComponentModel;
using System.Globalization;

namespace Longwire.Hubs;

/// <summary>Reads a rate as configuration has it: <c>2MiB/s</c>, <c>500KB/s</c>, <c>10MiB/m</c>. Twice as many may come at once.</summary>
internal sealed class ByteRateOptionsConverter : TypeConverter
{
    private static readonly (string Name, long Bytes)[] _units =
    [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("B", 1),
    ];

    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        string[] parts = ((string)value).Split('/');
        double seconds = parts.Length == 2 ? RateLimitOptionsConverter.SecondsOf(parts[1].Trim()) : 0;
        string amount = parts[0].Trim();
        (string name, long bytes) = Array.Find(_units, unit => amount.EndsWith(unit.Name, StringComparison.Ordinal));
        return
            seconds > 0
            && name is not null
            && long.TryParse(amount[..^name.Length], NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long count)
            && count is > 0 and <= int.MaxValue
            ? new ByteRateOptions { BytesPerSecond = count * bytes / seconds, Burst = 2 * count * bytes }
            : throw new FormatException("It is no rate.");
    }
}
