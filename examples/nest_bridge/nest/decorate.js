/**
 * What TypeScript makes of `@Controller() class C { @MessagePattern(..) handle(..) }`, in plain JavaScript: decorates
 * the class and, by name, its methods.
 */
export function decorate(target, decorator, methods = {}) {
  for (const [name, method] of Object.entries(methods)) {
    Reflect.decorate([method], target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name));
  }
  Reflect.decorate([decorator], target);
}
