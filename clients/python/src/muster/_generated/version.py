"""Written by `npm run generate` from the table of operations: do not edit."""

VERSION = "0.2.0"
