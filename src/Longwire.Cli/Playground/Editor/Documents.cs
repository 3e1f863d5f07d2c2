using Longwire.Yjs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Cli.Playground;

/// <summary>The documents of the editor, a file each: whoever knows a document's name may write in it.</summary>
internal static class Documents
{
    private const int Kept = 100;
    private const int MaxBytes = 4 << 20;

    public static void Map(IEndpointRouteBuilder endpoints, string folder)
    {
        Prepare(folder);
        ILogger<FileYjsStore> logger = endpoints.ServiceProvider.GetRequiredService<ILogger<FileYjsStore>>();
        endpoints.MapYjs(
            "/yjs/{document}",
            options =>
            {
                options.Store = new FileYjsStore(folder, logger: logger);
                options.MaxDocuments = Kept;
                options.MaxDocumentBytes = MaxBytes;
                options.Endpoint.Connection = options.Endpoint.Connection with { MaxMessageBytes = MaxBytes };
            }
        );
    }

    // The oldest of too many are forgotten when the server starts: then nobody has them open.
    private static void Prepare(string folder)
    {
        DirectoryInfo directory = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (FileInfo old in directory.GetFiles().OrderByDescending(static file => file.LastWriteTimeUtc).Skip(Kept))
        {
            old.Delete();
        }
    }
}
