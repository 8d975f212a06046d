// The page's policy forbids eval, and zod tries it as soon as the first schema is made. Modules are bundled into chunks
// whose order nobody sees, so its configuration is set here, before any of them runs.
globalThis.__zod_globalConfig = { jitless: true };
