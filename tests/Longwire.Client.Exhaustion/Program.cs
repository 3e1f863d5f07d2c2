using Longwire.Client.Exhaustion;

// Longwire.Client.Exhaustion FREE WARM URL...
// Connects to the first URL when WARM is true, so that all that connecting needs is loaded; leaves FREE file descriptors to the process
// and connects to every URL; gives all descriptors back and connects to every URL again. A line for each attempt says how it ended, and
// one for each assembly says when it was loaded too late.
await Attempts.RunAsync(int.Parse(args[0]), bool.Parse(args[1]), args[2..]);
