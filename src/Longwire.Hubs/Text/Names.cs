namespace Longwire.Hubs;

/// <summary>The rules for names of rooms and users: text for people, the same for all who see the same.</summary>
internal static class Names
{
    /// <summary>Brings a name into its one form, unless it is blank, too long, or has characters that names must not have.</summary>
    public static bool TryNormalize(string text, int maxLength, out string name)
    {
        name = "";
        if (text.Length > maxLength || string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        foreach (char character in text)
        {
            if (IsForbidden(character))
            {
                return false;
            }
        }

        name = Normalize(text);
        return name.Length <= maxLength;
    }

    /// <summary>The same for a name that the application gives, of which only the form matters.</summary>
    /// <exception cref="ArgumentException">It has half of a surrogate pair.</exception>
    public static string Normalize(string name)
    {
        if (!JsonText.IsUnicode(name))
        {
            throw new ArgumentException("A name must not have half of a surrogate pair.", nameof(name));
        }

        return NormalizationFormC.Normalize(name);
    }

    /// <summary>Control characters, separators of lines, and those that change the direction of what follows them.</summary>
    private static bool IsForbidden(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
