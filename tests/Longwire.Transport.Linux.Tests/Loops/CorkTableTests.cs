namespace Longwire.Transport.Linux.Tests;

public sealed class CorkTableTests
{
    [Fact]
    public void What_a_crowd_left_behind_is_given_back_once_it_was_of_no_use_for_a_while()
    {
        using var corks = new CorkTable();
        Use(corks, 500);
        corks.Trim(1000);
        Assert.Equal(500, corks.Blocks);
        Use(corks, 100);
        corks.Trim(1999);
        Assert.Equal(500, corks.Blocks);
        corks.Trim(2000);
        Assert.Equal(100, corks.Blocks);
        corks.Trim(3000);
        Assert.InRange(corks.Blocks, 1, 20);
    }

    [Fact]
    public void Blocks_that_are_in_use_are_left_alone()
    {
        using var corks = new CorkTable();
        for (int i = 0; i < 50; i++)
        {
            corks.Add(null!);
        }

        corks.Trim(1000);
        corks.Trim(2000);
        Assert.Equal((50, 50), (corks.Count, corks.Blocks));
    }

    private static void Use(CorkTable corks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            corks.Add(null!);
        }

        while (corks.Count > 0)
        {
            corks.RemoveLast();
        }
    }
}
