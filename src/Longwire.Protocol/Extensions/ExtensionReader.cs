using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Longwire.Protocol;

/// <summary>A cursor over one line of an extension header. Each character is looked at once, or twice inside quotes.</summary>
internal ref struct ExtensionReader(string? line)
{
    // RFC 2616 §2.2: any CHAR except CTLs and separators.
    private static readonly SearchValues<char> _tokenCharacters = SearchValues.Create(
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
    );

    private ReadOnlySpan<char> _rest = line;

    public readonly bool AtEnd => _rest.IsEmpty;

    public void SkipSpace() => _rest = _rest.TrimStart(" \t");

    public bool TryTake(char character)
    {
        if (_rest.IsEmpty || _rest[0] != character)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    public bool TryReadToken([NotNullWhen(true)] out string? token)
    {
        int length = _rest.IndexOfAnyExcept(_tokenCharacters);
        if (length < 0)
        {
            length = _rest.Length;
        }

        token = length == 0 ? null : _rest[..length].ToString();
        _rest = _rest[length..];
        return token is not null;
    }

    /// <summary>
    /// Reads up to and including the closing quote; the opening one is already taken. Only a token may stand between them.
    /// </summary>
    public bool TryReadQuotedToken([NotNullWhen(true)] out string? token)
    {
        token = null;
        int position = 0;
        while (true)
        {
            if (position < _rest.Length && _rest[position] == '\\')
            {
                position++;
            }
            else if (position < _rest.Length && _rest[position] == '"')
            {
                break;
            }

            if (position >= _rest.Length || !_tokenCharacters.Contains(_rest[position]))
            {
                return false;
            }

            position++;
        }

        if (position == 0)
        {
            return false;
        }

        ReadOnlySpan<char> quoted = _rest[..position];
        // A backslash is no token character, so each one in here is an escape and what follows it stands for itself.
        token = quoted.ToString().Replace("\\", "", StringComparison.Ordinal);
        _rest = _rest[(position + 1)..];
        return true;
    }
}
