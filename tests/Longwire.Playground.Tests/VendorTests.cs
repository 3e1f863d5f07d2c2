namespace Longwire.Playground.Tests;

/// <summary>The bundles that the pages use are committed, as <c>./vendor</c> makes them now.</summary>
public sealed class VendorTests
{
    [Fact]
    public async Task The_bundles_and_the_list_of_what_is_in_them_are_made_again_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        await ChildProcess.RunAsync(Places.Repository("vendor"), folder.Path);
        string committed = Places.Repository("apps/playground/vendor");
        string[] made = [.. Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(made, Directory.GetFiles(committed).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.NotEmpty(made);
        foreach (string file in made)
        {
            Assert.True(
                File.ReadAllBytes(folder[file]).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(committed, file))),
                $"{file} is not what is made now: ./vendor"
            );
        }
    }
}
