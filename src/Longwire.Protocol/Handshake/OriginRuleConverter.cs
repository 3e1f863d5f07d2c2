using System.ComponentModel;
using System.Globalization;

namespace Longwire.Protocol;

/// <summary>Makes an <see cref="OriginRule"/> of the text that configuration has: origins with commas or spaces between them.</summary>
internal sealed class OriginRuleConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text
            ? OriginRule.Allow(text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
            : base.ConvertFrom(context, culture, value);
}
