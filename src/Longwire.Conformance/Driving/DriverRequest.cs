using System.Globalization;

namespace Longwire.Conformance;

/// <summary>The run that a client's driver asks for by the target of its request.</summary>
internal sealed record DriverRequest(string Path, ConformanceCase? Case, string Agent)
{
    public static DriverRequest Parse(string target, IReadOnlyList<ConformanceCase> cases)
    {
        int question = target.IndexOf('?', StringComparison.Ordinal);
        string path = question < 0 ? target : target[..question];
        ConformanceCase? wanted = null;
        string agent = "unnamed";
        foreach (string pair in question < 0 ? [] : target[(question + 1)..].Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
            switch (equals < 0 ? pair : pair[..equals])
            {
                case "agent" when value.Length is > 0 and <= 200:
                    agent = value;
                    break;
                case "case"
                    when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                        && number >= 1
                        && number <= cases.Count:
                    wanted = cases[number - 1];
                    break;
                case "casetuple":
                    wanted = cases.FirstOrDefault(c => c.Id.ToString() == value.Trim());
                    break;
            }
        }

        return new(path, wanted, agent);
    }
}
