using System.Text;

namespace Longwire.Cli.Connect;

/// <summary>Bytes that somebody typed.</summary>
internal static class TypedBytes
{
    /// <summary>Reads them; hexadecimal may have spaces, colons and <c>0x</c> in it.</summary>
    public static bool TryRead(BinaryView view, byte[] typed, out byte[] bytes)
    {
        if (view == BinaryView.Raw)
        {
            bytes = typed;
            return true;
        }

        return TryRead(view, Encoding.UTF8.GetString(typed), out bytes);
    }

    /// <inheritdoc cref="TryRead(BinaryView, byte[], out byte[])"/>
    public static bool TryRead(BinaryView view, string typed, out byte[] bytes)
    {
        try
        {
            bytes = view switch
            {
                BinaryView.Hex => Convert.FromHexString(
                    typed
                        .Replace("0x", "", StringComparison.OrdinalIgnoreCase)
                        .Replace(" ", "", StringComparison.Ordinal)
                        .Replace(":", "", StringComparison.Ordinal)
                        .Trim()
                ),
                BinaryView.Base64 => Convert.FromBase64String(typed.Trim()),
                _ => Encoding.UTF8.GetBytes(typed),
            };
            return true;
        }
        catch (FormatException)
        {
            bytes = [];
            return false;
        }
    }
}
