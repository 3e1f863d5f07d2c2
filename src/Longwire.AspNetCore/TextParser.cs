using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace Longwire.AspNetCore;

/// <summary>
/// Reads values of the types that have a <c>TryParse</c>, as minimal APIs do: strings, enumerations, and whatever parses itself.
/// </summary>
internal static class TextParser
{
    public delegate bool Parse(string text, out object? value);

    /// <summary>How a type is read; null where it can't be.</summary>
    [RequiresUnreferencedCode("Looks for the type's TryParse by reflection.")]
    public static Parse? For(Type type)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (target == typeof(string))
        {
            return static (string text, out object? value) =>
            {
                value = text;
                return true;
            };
        }

        if (target.IsEnum)
        {
            return (string text, out object? value) => Enum.TryParse(target, text, ignoreCase: true, out value);
        }

        Type result = target.MakeByRefType();
        MethodInfo? culture = target.GetMethod("TryParse", [typeof(string), typeof(IFormatProvider), result]);
        MethodInfo? plain = target.GetMethod("TryParse", [typeof(string), result]);
        return (culture ?? plain) is not { IsStatic: true } method || method.ReturnType != typeof(bool)
            ? null
            : (string text, out object? value) =>
            {
                object?[] arguments = method == culture ? [text, CultureInfo.InvariantCulture, null] : [text, null];
                bool read = (bool)method.Invoke(null, arguments)!;
                value = arguments[^1];
                return read;
            };
    }
}
