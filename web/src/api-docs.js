// The browsable API page: the address of the description stands on the element, so this file needs no template.
const root = document.getElementById('api-docs');
window.SwaggerUIBundle({
  url: root.dataset.url,
  domNode: root,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
