namespace Longwire.Fuzzing;

/// <summary>
/// The extension header read by splitting: sound because only token characters may stand inside quotes, so no comma or semicolon can.
/// </summary>
internal static class NaiveExtensions
{
    /// <summary>Null when it is malformed or over a limit.</summary>
    public static List<(string Name, List<(string Name, string? Value)> Parameters)>? Read(string header)
    {
        var extensions = new List<(string, List<(string, string?)>)>();
        foreach (string element in header.Split(',').Select(Trim).Where(element => element.Length != 0))
        {
            string[] parts = [.. element.Split(';').Select(Trim)];
            var parameters = new List<(string, string?)>();
            foreach (string part in parts.Skip(1))
            {
                int equals = part.IndexOf('=', StringComparison.Ordinal);
                string name = equals < 0 ? part : Trim(part[..equals]);
                string? value = equals < 0 ? null : Unquote(Trim(part[(equals + 1)..]));
                if (!IsToken(name) || (equals >= 0 && !IsToken(value)))
                {
                    return null;
                }

                parameters.Add((name, value));
            }

            if (!IsToken(parts[0]) || parameters.Count > ExtensionHeader.MaxParameters)
            {
                return null;
            }

            extensions.Add((parts[0], parameters));
        }

        return extensions.Count > ExtensionHeader.MaxOffers ? null : extensions;
    }

    public static bool IsToken(string? text) =>
        text is { Length: > 0 }
        && text.All(character => character is > ' ' and < '\u007F' && !"()<>@,;:\\\"/[]?={}".Contains(character, StringComparison.Ordinal));

    private static string Trim(string text) => text.Trim(' ', '\t');

    private static string? Unquote(string text)
    {
        if (!text.StartsWith('"'))
        {
            return text;
        }

        string value = "";
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i == text.Length - 1 ? value : null;
            }

            i += text[i] == '\\' ? 1 : 0;
            if (i == text.Length)
            {
                return null;
            }

            // An escaped character must be a token's character, and so not a quote or a backslash.
            value += text[i];
        }

        return null;
    }
}
