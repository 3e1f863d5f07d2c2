using System.Runtime.InteropServices;

namespace Longwire.Yjs;

/// <summary>
/// Writes a folder to the disk, so that names in it which are new survive a power cut. The platform offers that for files only; Windows
/// needs no such thing.
/// </summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The system refuses.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0 || Synchronize(descriptor) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (descriptor >= 0)
            {
                _ = Close(descriptor);
            }

            throw new IOException($"The folder {folder} can't be written to the disk: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
