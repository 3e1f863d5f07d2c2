using System.ComponentModel;
using System.Globalization;

namespace Longwire.Hubs;

/// <summary>Reads a rate as configuration has it: <c>100/s</c>, <c>30/m</c>, <c>500/h</c>. Twice as many may come at once.</summary>
internal sealed class RateLimitOptionsConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        string[] parts = ((string)value).Split('/');
        double seconds = parts.Length == 2 ? SecondsOf(parts[1].Trim()) : 0;
        return
            seconds > 0 && int.TryParse(parts[0], NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int count) && count > 0
            ? new RateLimitOptions { MessagesPerSecond = count / seconds, Burst = (int)Math.Min(int.MaxValue, 2L * count) }
            : throw new FormatException("It is no rate.");
    }

    /// <summary>The seconds of a unit of time; 0 for none that is known.</summary>
    internal static double SecondsOf(string unit) =>
        unit switch
        {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => 0,
        };
}
