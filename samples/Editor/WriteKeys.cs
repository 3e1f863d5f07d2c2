using System.Security.Cryptography;
using System.Text;

namespace Longwire.Samples.Editor;

/// <summary>The holder of a document's address with its key may write; the holder of the address alone may read.</summary>
internal sealed class WriteKeys
{
    private const int SecretBytes = 32;

    private readonly byte[] _secret;

    private WriteKeys(byte[] secret) => _secret = secret;

    /// <summary>The keys of a folder's documents. Its secret is made once, readable by nobody else.</summary>
    public static WriteKeys FromFolder(string folder)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, "secret");
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            file.Write(RandomNumberGenerator.GetBytes(SecretBytes));
        }

        return new WriteKeys(File.ReadAllBytes(path));
    }

    /// <summary>The address of a new document, with its key.</summary>
    public string NewDocument()
    {
        string document = RandomNumberGenerator.GetHexString(12, lowercase: true);
        return $"/editor/{document}?key={KeyOf(document)}";
    }

    public bool IsKeyOf(string document, string? key) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key ?? ""), Encoding.UTF8.GetBytes(KeyOf(document)));

    private string KeyOf(string document) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(document)).AsSpan(0, 16));
}
