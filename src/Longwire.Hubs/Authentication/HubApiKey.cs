using System.Security.Cryptography;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// A key by which another server publishes, at <c>POST …/publish</c>. Only its hash is kept, so that no file has the key.
/// </summary>
public sealed record HubApiKey
{
    /// <summary>The name of the server that has the key, for logs; request ids count for each name.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The SHA-256 of the key in UTF-8, in hexadecimal digits: <see cref="HashOf"/>, or <c>printf %s KEY | sha256sum</c>. A key has to be
    /// random, as <c>openssl rand -hex 32</c> makes one: a word that people choose is found by its hash.
    /// </summary>
    public string Hash { get; set; } = "";

    /// <summary>
    /// The rooms that it may publish in: full names, or the beginning of names and <c>*</c>, as <c>orders:*</c>. Default: none.
    /// </summary>
    public IList<string> Rooms { get; set; } = [];

    /// <summary>Whether it may publish to users. Default: false.</summary>
    public bool Users { get; set; }

    /// <summary>Whether it may publish to everyone. Default: false.</summary>
    public bool All { get; set; }

    /// <summary>How fast it may publish; null for no limit. Default: 100 a second, bursts of 200.</summary>
    public RateLimitOptions? Rate { get; set; } = new();

    /// <summary>The hash of a key.</summary>
    /// <param name="key">The key.</param>
    public static string HashOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    internal HubApiKey Copy() => this with { Rooms = [.. Rooms ?? []], Rate = Rate is null ? null : Rate with { } };

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Name))
        {
            throw new ArgumentException("ApiKeys: a key has no Name.");
        }

        if (Hash is null || Hash.Length != 2 * SHA256.HashSizeInBytes || !Hash.All(char.IsAsciiHexDigit))
        {
            throw new ArgumentException(
                $"ApiKeys: the Hash of \"{Name}\" is no SHA-256; write the 64 digits of printf %s KEY | sha256sum."
            );
        }

        if (
            Rooms.FirstOrDefault(static room =>
                room.IndexOf('*', StringComparison.Ordinal) is var star && star >= 0 && star < room.Length - 1
            ) is
            { } wrong
        )
        {
            throw new ArgumentException($"ApiKeys: \"{Name}\" has the room \"{wrong}\"; a star may stand at the end only.");
        }

        Rate?.Validate($"ApiKeys:{Name}:{nameof(Rate)}");
    }
}
