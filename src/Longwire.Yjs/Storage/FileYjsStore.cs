using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Yjs;

/// <summary>
/// Keeps each document in a file of a folder: updates with checksums, one behind the other. A tail that is damaged, as a power cut leaves
/// it, is cut off, kept in a file beside it and logged. Thread safe; one process at a time has a document open.
/// </summary>
public sealed class FileYjsStore : IYjsStore
{
    // A file's name may have 255 bytes; what is longer can't be told from its escaped form.
    private const int MostNameBytes = 240;

    private readonly string _folder;
    private readonly YjsDurability _durability;
    private readonly ILogger _logger;

    /// <summary>Makes a store.</summary>
    /// <param name="folder">The folder; it is made if it isn't there.</param>
    /// <param name="durability">The failures that an edit survives. Default <see cref="YjsDurability.Process"/>.</param>
    /// <param name="logger">Is told of damaged files; null for nobody.</param>
    public FileYjsStore(string folder, YjsDurability durability = YjsDurability.Process, ILogger<FileYjsStore>? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Directory.CreateDirectory(folder).FullName;
        _durability = durability;
        _logger = logger ?? NullLogger<FileYjsStore>.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be opened, or another process has it open.</exception>
    /// <exception cref="ArgumentException">
    /// The name is longer than a file's name may be: 240 bytes, of which a character other than a letter, a digit, <c>-</c> and <c>_</c>
    /// takes three for each byte of its UTF-8.
    /// </exception>
    public ValueTask<IYjsDocumentLog> OpenAsync(string document, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(document);
        string path = Path.Combine(_folder, FileName(document));
        return new ValueTask<IYjsDocumentLog>(
            Task.Run<IYjsDocumentLog>(() => FileDocumentLog.Open(path, _durability, _logger), cancellationToken)
        );
    }

    // Letters and digits as they are, everything else by its bytes: no name leaves the folder, and no two share a file, also where files'
    // names ignore case.
    private static string FileName(string document)
    {
        var name = new StringBuilder();
        foreach (byte next in Encoding.UTF8.GetBytes(document))
        {
            if (char.IsAsciiLetterLower((char)next) || char.IsAsciiDigit((char)next) || next is (byte)'-' or (byte)'_')
            {
                name.Append((char)next);
            }
            else
            {
                name.Append('%').Append(next.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return name.Length <= MostNameBytes
            ? name.Append(FileDocumentLog.Extension).ToString()
            : throw new ArgumentException(
                $"The document's name is too long for a file's: {name.Length} bytes where {MostNameBytes} are the most."
            );
    }
}
