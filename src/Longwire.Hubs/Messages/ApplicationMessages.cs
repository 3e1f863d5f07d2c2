using System.Text.Unicode;

namespace Longwire.Hubs;

/// <summary>The application's messages are held to the same rules as the clients'.</summary>
internal static class ApplicationMessages
{
    /// <summary>A message has to be an object with a type.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void ThrowIfNoMessage(ReadOnlySpan<byte> utf8Json, int maxDepth)
    {
        if (!Utf8.IsValid(utf8Json) || ClientMessage.Read(utf8Json, maxDepth, out _) is not null)
        {
            throw new ArgumentException(
                "It has to be a JSON object with a string \"type\", in UTF-8 and without halves of surrogate pairs.",
                nameof(utf8Json)
            );
        }
    }

    /// <summary>A content may be any JSON.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void ThrowIfNotJson(ReadOnlySpan<byte> content, int maxDepth)
    {
        if (
            !Utf8.IsValid(content)
            || JsonText.HasHalfOfPair(content)
            || ClientMessage.Read(content, maxDepth, out _) == HubError.InvalidJson
        )
        {
            throw new ArgumentException("It has to be JSON, in UTF-8 and without halves of surrogate pairs.", nameof(content));
        }
    }
}
