using Microsoft.Win32.SafeHandles;

namespace Longwire.Client;

/// <summary>
/// Keeps a process that is at its limit of open files out of harm. Such a process can't load an assembly, and the runtime remembers the
/// failure for ever: nothing may be loaded for the first time while that lasts, neither to connect nor to say why it failed.
/// </summary>
internal static class Descriptors
{
    // Some 25 assemblies, for each of which the runtime keeps two descriptors, and what waits for sockets.
    private const int Wanted = 64;

    // ENFILE and EMFILE, the same on Linux, macOS and the BSDs.
    private const int TooManyInSystem = 23;
    private const int TooManyInProcess = 24;

    private static volatile bool _prepared;

    /// <summary>
    /// Loads what connecting and failing need, once; false where there are too few descriptors for it, and nothing is loaded.
    /// </summary>
    public static bool TryPrepare()
    {
        if (_prepared)
        {
            return true;
        }

        if (!AreLeft(Wanted))
        {
            return false;
        }

        Preload.Run();
        _prepared = true;
        return true;
    }

    /// <summary>The error's text where there are too few.</summary>
    public static WebSocketHandshakeException NoneLeft() => new(Protocol.HandshakeFailureText.NoDescriptors, null);

    /// <summary>Whether so many more files can be opened.</summary>
    public static bool AreLeft(int count)
    {
        var open = new SafeFileHandle?[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                open[i] = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            }

            return true;
        }
        catch (IOException exception) when (exception.HResult is TooManyInProcess or TooManyInSystem)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is no such file here, on Windows for instance: then nothing is known of a limit.
            return true;
        }
        finally
        {
            foreach (SafeFileHandle? handle in open)
            {
                handle?.Dispose();
            }
        }
    }
}
