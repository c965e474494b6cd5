"""The embedded default: PostgreSQL and Valkey from wheels, started and watched by UZO itself."""
